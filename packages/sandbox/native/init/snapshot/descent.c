/*
 * Whether all processes of the function descend from it, as criu dumps only those.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "control.h"
#include "stages.h"

enum { NAME_SIZE = 32 };

/* Whether `pid` was started by the function, and fell to this process when its parent ended. `name` is its command. */
static int is_adopted(int pid, char name[NAME_SIZE]) {
  char path[32], state;
  int parent;
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  FILE *file = pid > FUNCTION_PID ? fopen(path, "re") : NULL;
  if (file == NULL) return 0;
  int known = fscanf(file, "%*d (%31[^)]) %c %d", name, &state, &parent);
  fclose(file);
  return known == 3 && parent == getpid() && state != 'Z';
}

int has_adopted_process(char *reason, size_t size) {
  DIR *processes = opendir("/proc");
  if (processes == NULL) fail("list processes");
  int pid = 0;
  char name[NAME_SIZE];
  for (struct dirent *entry; pid == 0 && (entry = readdir(processes)) != NULL;) {
    int one = atoi(entry->d_name);
    if (is_adopted(one, name)) pid = one;
  }
  closedir(processes);
  if (pid != 0) snprintf(reason, size, "it has a process in the background whose parent has ended: %d (%s)", pid, name);
  return pid != 0;
}
