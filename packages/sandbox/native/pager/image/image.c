#define _GNU_SOURCE
#include "image.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "page-table.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct image *images;

/* Index of the first entry of `pid` that ends after `address`. */
static size_t index_after(const struct image *image, uint32_t pid, uint64_t address) {
  size_t low = 0, high = image->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    const struct image_entry *entry = &image->entries[middle];
    if (entry->pid > pid || (entry->pid == pid && entry->address + entry->pages * PAGE > address)) high = middle;
    else low = middle + 1;
  }
  return low;
}

const struct image_entry *find_entry(const struct image *image, uint32_t pid, uint64_t address) {
  return has_entry_within(image, pid, address, 1) ? &image->entries[index_after(image, pid, address)] : NULL;
}

bool has_entry_within(const struct image *image, uint32_t pid, uint64_t address, uint64_t pages) {
  size_t index = index_after(image, pid, address);
  if (index == image->count || image->entries[index].pid != pid) return false;
  return image->entries[index].address < address + pages * PAGE;
}

static void discard(struct image *image) {
  unmap_files(image->files);
  free(image->entries);
  free(image->path);
  free(image);
}

/* Takes `image` out of the list. It counts as one of its own users while it is in there. */
static void unlist(struct image **place) {
  struct image *image = *place;
  *place = image->next;
  if (--image->users == 0) discard(image);
}

static struct image **place_of(const char *path) {
  struct image **place = &images;
  while (*place != NULL && strcmp((*place)->path, path) != 0) place = &(*place)->next;
  return place;
}

static struct image *open_once(const char *path, bool (*load)(struct image *)) {
  pthread_mutex_lock(&lock);
  struct image *image = *place_of(path);
  if (image == NULL) {
    image = allocate(1, sizeof *image);
    image->path = copy_of(path, strlen(path) + 1, 1);
    if (load(image)) {
      image->users = 1;
      image->next = images;
      images = image;
    } else {
      discard(image);
      image = NULL;
    }
  }
  if (image != NULL) image->users++;
  pthread_mutex_unlock(&lock);
  return image;
}

struct image *open_image(const char *path) {
  return open_once(path, load_page_table);
}

struct image *open_guest_memory(const char *path) {
  return open_once(path, load_guest_memory);
}

void release_image(struct image *image) {
  pthread_mutex_lock(&lock);
  if (--image->users == 0) discard(image);
  pthread_mutex_unlock(&lock);
}

void forget_image(const char *path) {
  pthread_mutex_lock(&lock);
  struct image **place = place_of(path);
  if (*place != NULL) unlist(place);
  pthread_mutex_unlock(&lock);
}
