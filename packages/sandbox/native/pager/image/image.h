/*
 * An image: the pages that its page table lists, in the order of the table, numbered from 0. Its files are mapped once
 * for all sessions and stay so until the platform gives the image up.
 */
#ifndef FRUGAL_IMAGE_H
#define FRUGAL_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct image_entry {
  uint32_t pid;
  uint64_t address;
  uint64_t pages;
  /* Number of its first page within the image. */
  uint64_t first;
  const char *bytes;
};

struct image {
  char *path;
  /* Sorted by pid and address. */
  struct image_entry *entries;
  size_t count;
  uint64_t pages;
  struct file_mapping *files;
  /* Guarded by the list's lock. */
  size_t users;
  struct image *next;
};

/* The image in the folder `path`, from `page-table` and the pages files that it names; NULL with a reason. */
struct image *open_image(const char *path);
/* A memory file of a guest: one entry of pid 0 whose addresses are the offsets in the file; NULL with a reason. */
struct image *open_guest_memory(const char *path);
void release_image(struct image *image);
/* Sessions that begin after this read the image anew; its mappings go with the last one of the others. */
void forget_image(const char *path);

/* The entry with `address` of `pid`, or NULL. */
const struct image_entry *find_entry(const struct image *image, uint32_t pid, uint64_t address);
/* Whether the image has data for any of these pages. */
bool has_entry_within(const struct image *image, uint32_t pid, uint64_t address, uint64_t pages);

#endif
