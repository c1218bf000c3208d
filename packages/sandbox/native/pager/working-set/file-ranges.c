#define _GNU_SOURCE
#include "file-ranges.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memory.h"
#include "residency.h"
#include "thread.h"

/* `line` without its end. False where it is no range. */
static bool parse(char *line, unsigned long long *offset, unsigned long long *length, char **path) {
  int at = 0;
  if (sscanf(line, "%llu %llu %n", offset, length, &at) != 2 || line[at] != '/') return false;
  *path = line + at;
  return true;
}

static void *read_ranges(void *argument) {
  char *list = argument;
  FILE *lines = fopen(list, "re");
  if (lines == NULL) fprintf(stderr, "frugal-pager: open %s: %m\n", list);
  char *line = NULL, *open_path = NULL;
  size_t capacity = 0;
  int file = -1;
  ssize_t read_length;
  while (lines != NULL && (read_length = getline(&line, &capacity, lines)) > 0) {
    unsigned long long offset, length;
    char *path;
    if (line[read_length - 1] == '\n') line[read_length - 1] = '\0';
    if (!parse(line, &offset, &length, &path)) {
      fprintf(stderr, "frugal-pager: %s: not a range: %s\n", list, line);
      break;
    }
    /* Ranges of one file follow each other. */
    if (open_path == NULL || strcmp(open_path, path) != 0) {
      if (file >= 0) close(file);
      free(open_path);
      open_path = copy_of(path, strlen(path) + 1, 1);
      file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    }
    if (file >= 0 && !is_resident(file, offset, length)) (void)!readahead(file, (off_t)offset, length);
  }
  if (file >= 0) close(file);
  if (lines != NULL) fclose(lines);
  free(open_path);
  free(line);
  free(list);
  return NULL;
}

bool read_file_ranges(const char *list) {
  char *own = copy_of(list, strlen(list) + 1, 1);
  if (start_thread(read_ranges, own)) return true;
  free(own);
  return false;
}
