/*
 * A working-set file: the pages that a restored snapshot will ask for, in one piece.
 *
 * Little-endian: a header of 32 bytes (magic "FRUGALWS", u32 version 1, u32 extents, u64 offset of the data, a multiple
 * of 4096, u64 pages of data), then extents of 16 bytes, sorted by pid and address: u32 pid, u32 pages, u64 address,
 * whose bit 0 says that the extent is zeros and has no data. The data of the others follows in their order, page by
 * page.
 *
 * Its bytes are in memory once for all sessions that use it at one time: mapped where the page cache has the file, else
 * read past the page cache by a thread, in order, while criu restores. `preload` keeps them between sessions.
 */
#ifndef FRUGAL_WORKING_SET_H
#define FRUGAL_WORKING_SET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct working_set_header {
  char magic[8];
  uint32_t version;
  uint32_t extents;
  uint64_t data_offset;
  uint64_t data_pages;
};

struct extent {
  uint32_t pid;
  uint32_t pages;
  uint64_t address_and_zero;
};

struct working_set;

/* NULL with a reason. `wake_up` is an eventfd that is written to whenever more bytes are there. */
struct working_set *open_working_set(const char *path, int wake_up);
void close_working_set(struct working_set *set, int wake_up);
/* How many bytes from the start are there. False with a reason where the rest can never be. */
bool bytes_ready(struct working_set *set, size_t *ready);
/* The header, checked against the file's length; only when its bytes are there. NULL with a reason. */
const struct working_set_header *working_set_header(const struct working_set *set);

/* Keeps the bytes of this file in memory. False with a reason. */
bool preload_working_set(const char *path);
void forget_working_set(const char *path);

#endif
