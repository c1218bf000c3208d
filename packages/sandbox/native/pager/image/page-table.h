/*
 * What an image is read from: the page table that the platform wrote into its folder, and criu's pages files; or the
 * memory file of a guest.
 *
 * `page-table`, little-endian: a header of 32 bytes (magic "FRUGALPT", u32 version 1, u32 entries, 16 zero bytes), then
 * entries of 32 bytes, sorted by pid and address: u32 pid, u32 number of the pages file, u64 address, u64 pages, u64
 * offset in the pages file. An entry never crosses the border of a mapping of its process.
 */
#ifndef FRUGAL_PAGE_TABLE_H
#define FRUGAL_PAGE_TABLE_H

#include "image.h"

/* Fill in what `image->path` names. False with a reason; `image->files` is to be unmapped also then. */
bool load_page_table(struct image *image);
bool load_guest_memory(struct image *image);
void unmap_files(struct file_mapping *files);

#endif
