#define _GNU_SOURCE
#include "page-table.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memory.h"
#include "reason.h"

struct file_mapping {
  struct file_mapping *next;
  uint32_t number;
  size_t length;
  char *bytes;
};

struct table_header {
  char magic[8];
  uint32_t version;
  uint32_t entries;
  uint64_t reserved[2];
};

struct table_entry {
  uint32_t pid;
  uint32_t file;
  uint64_t address;
  uint64_t pages;
  uint64_t offset;
};

/* Maps the whole file. An empty one has no bytes. */
static bool map_file(const char *path, struct file_mapping *file) {
  int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return refuse_by_errno("open %s", path);
  struct stat status;
  bool ok = fstat(descriptor, &status) == 0;
  file->length = ok ? (size_t)status.st_size : 0;
  if (ok && file->length > 0) {
    file->bytes = mmap(NULL, file->length, PROT_READ, MAP_SHARED, descriptor, 0);
    ok = file->bytes != MAP_FAILED;
    if (!ok) file->bytes = NULL;
  }
  if (!ok) refuse_by_errno("map %s", path);
  close(descriptor);
  return ok;
}

void unmap_files(struct file_mapping *files) {
  while (files != NULL) {
    struct file_mapping *next = files->next;
    if (files->bytes != NULL) munmap(files->bytes, files->length);
    free(files);
    files = next;
  }
}

/* The mapping of `number`, mapped now if it is not yet; NULL with a reason. */
static struct file_mapping *pages_file(struct image *image, uint32_t number) {
  for (struct file_mapping *file = image->files; file != NULL; file = file->next) {
    if (file->number == number) return file;
  }
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/pages-%u.img", image->path, number);
  struct file_mapping *file = allocate(1, sizeof *file);
  file->number = number;
  file->next = image->files;
  image->files = file;
  return map_file(path, file) ? file : NULL;
}

static bool is_after(const struct image_entry *previous, const struct table_entry *entry) {
  if (previous->pid != entry->pid) return previous->pid < entry->pid;
  return previous->address + previous->pages * PAGE <= entry->address;
}

static bool add_entry(struct image *image, const struct table_entry *entry) {
  const uint64_t largest = UINT64_MAX >> 1;
  const char *fault = NULL;
  if (entry->pages == 0 || entry->pages > largest / PAGE || entry->address > largest) fault = "has no usable range";
  else if (entry->address % PAGE != 0 || entry->offset % PAGE != 0) fault = "is not aligned to pages";
  else if (image->count > 0 && !is_after(&image->entries[image->count - 1], entry)) fault = "is out of order";
  if (fault != NULL) return refuse("%s/page-table: entry %zu %s", image->path, image->count, fault);

  struct file_mapping *file = pages_file(image, entry->file);
  if (file == NULL) return false;
  if (entry->offset > file->length || entry->pages > (file->length - entry->offset) / PAGE) {
    return refuse("%s/page-table: entry %zu needs more pages than pages-%u.img has", image->path, image->count,
                  entry->file);
  }
  image->entries[image->count++] = (struct image_entry){
      .pid = entry->pid,
      .address = entry->address,
      .pages = entry->pages,
      .first = image->pages,
      .bytes = file->bytes + entry->offset,
  };
  image->pages += entry->pages;
  return true;
}

static bool add_entries(struct image *image, const struct file_mapping *table) {
  const struct table_header *header = (const struct table_header *)table->bytes;
  if (table->length < sizeof *header || memcmp(header->magic, "FRUGALPT", 8) != 0 || header->version != 1) {
    return refuse("%s/page-table is no page table of version 1", image->path);
  }
  if (table->length != sizeof *header + header->entries * sizeof(struct table_entry)) {
    return refuse("%s/page-table has not the length of its %u entries", image->path, header->entries);
  }
  const struct table_entry *entries = (const struct table_entry *)(header + 1);
  image->entries = allocate(header->entries, sizeof *image->entries);
  for (uint32_t i = 0; i < header->entries; i++) {
    if (!add_entry(image, &entries[i])) return false;
  }
  return true;
}

bool load_page_table(struct image *image) {
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/page-table", image->path);
  struct file_mapping table = {0};
  bool ok = map_file(path, &table) && add_entries(image, &table);
  if (table.bytes != NULL) munmap(table.bytes, table.length);
  return ok;
}

bool load_guest_memory(struct image *image) {
  image->files = allocate(1, sizeof *image->files);
  if (!map_file(image->path, image->files)) return false;
  image->pages = image->files->length / PAGE;
  if (image->pages == 0) return refuse("%s holds no page of memory", image->path);
  image->entries = allocate(1, sizeof *image->entries);
  image->entries[0] = (struct image_entry){.pages = image->pages, .bytes = image->files->bytes};
  image->count = 1;
  return true;
}
