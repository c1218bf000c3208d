#define _GNU_SOURCE
#include "working-set.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memory.h"
#include "reason.h"
#include "residency.h"
#include "thread.h"

enum { CHUNK = 1 << 20, HUGE_PAGE = 2 << 20, HEADER = sizeof(struct working_set_header) };

struct working_set {
  char *path;
  struct stat status;
  char *bytes;
  /* Of the memory, which may be more than the file has. */
  size_t size;
  atomic_size_t ready;
  /* errno of the failed reading, 0 while all is well. */
  atomic_int error;

  /* The rest is guarded by the lock. */
  size_t users;
  bool is_preloaded;
  int *listeners;
  size_t listener_count;
  size_t listener_capacity;
  struct working_set *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct working_set *sets;

static void tell_listeners(struct working_set *set) {
  pthread_mutex_lock(&lock);
  for (size_t i = 0; i < set->listener_count; i++) eventfd_write(set->listeners[i], 1);
  pthread_mutex_unlock(&lock);
}

static void drop_user(struct working_set *set) {
  if (--set->users > 0) return;
  struct working_set **place = &sets;
  while (*place != set) place = &(*place)->next;
  *place = set->next;
  if (set->bytes != NULL) munmap(set->bytes, set->size);
  free(set->listeners);
  free(set->path);
  free(set);
}

/* Descriptor of the file, past the page cache where its file system can do that. */
static int open_for_reading(const char *path, int flags) {
  int file = open(path, O_RDONLY | O_CLOEXEC | flags);
  return file < 0 && errno == EINVAL ? open(path, O_RDONLY | O_CLOEXEC) : file;
}

static int read_all(struct working_set *set) {
  int file = open_for_reading(set->path, O_DIRECT);
  struct stat status;
  int error = file < 0 || fstat(file, &status) < 0 ? errno : 0;
  /* Replaced since: the bytes of two files must not be mixed. */
  if (error == 0 && status.st_ino != set->status.st_ino) error = ESTALE;
  const size_t length = (size_t)set->status.st_size;
  while (error == 0 && set->ready < length) {
    size_t wanted = set->size - set->ready < CHUNK ? set->size - set->ready : CHUNK;
    ssize_t got = pread(file, set->bytes + set->ready, wanted, (off_t)set->ready);
    if (got > 0) {
      set->ready += (size_t)got;
      tell_listeners(set);
    } else if (got == 0) {
      error = ENODATA;
    } else if (errno == EINVAL && (fcntl(file, F_GETFL) & O_DIRECT) != 0) {
      fcntl(file, F_SETFL, 0);
    } else if (errno != EINTR) {
      error = errno;
    }
  }
  if (file >= 0) close(file);
  return error;
}

static void *read_in_background(void *argument) {
  struct working_set *set = argument;
  set->error = read_all(set);
  tell_listeners(set);
  pthread_mutex_lock(&lock);
  drop_user(set);
  pthread_mutex_unlock(&lock);
  return NULL;
}

/* Gives `set` its bytes, or a thread that reads them. */
static bool load(struct working_set *set, int file, bool is_to_keep) {
  const size_t length = (size_t)set->status.st_size;
  if (!is_to_keep && is_resident(file, 0, length)) {
    set->size = length;
    set->bytes = mmap(NULL, length, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
    set->ready = length;
  } else {
    set->size = (length + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    set->bytes = mmap(NULL, set->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  }
  if (set->bytes == MAP_FAILED) {
    set->bytes = NULL;
    return refuse_by_errno("map %s", set->path);
  }
  if (set->ready == length) return true;
  /* Huge pages halve the cost of the first touch; without them it works as well. */
  madvise(set->bytes, set->size, MADV_HUGEPAGE);
  set->users++;
  if (start_thread(read_in_background, set)) return true;
  set->users--;
  return false;
}

static bool is_same_file(const struct stat *a, const struct stat *b) {
  return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
         a->st_mtim.tv_nsec == b->st_mtim.tv_nsec && a->st_size == b->st_size;
}

/* With one more user. The lock is held. */
static struct working_set *find_or_load(const char *path, bool is_to_keep) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  struct stat status;
  if (file < 0 || fstat(file, &status) < 0) {
    refuse_by_errno("open %s", path);
    if (file >= 0) close(file);
    return NULL;
  }
  struct working_set *set = sets;
  while (set != NULL && (set->error != 0 || !is_same_file(&set->status, &status))) set = set->next;
  if (set == NULL && status.st_size < HEADER) {
    refuse("%s is too short for a working set", path);
  } else if (set == NULL) {
    set = allocate(1, sizeof *set);
    set->path = copy_of(path, strlen(path) + 1, 1);
    set->status = status;
    set->next = sets;
    sets = set;
    set->users = 1;
    if (!load(set, file, is_to_keep)) {
      drop_user(set);
      set = NULL;
    }
  } else {
    set->users++;
  }
  close(file);
  return set;
}

struct working_set *open_working_set(const char *path, int wake_up) {
  pthread_mutex_lock(&lock);
  struct working_set *set = find_or_load(path, false);
  if (set != NULL) {
    set->listeners = grow(set->listeners, set->listener_count, &set->listener_capacity, sizeof wake_up);
    set->listeners[set->listener_count++] = wake_up;
  }
  pthread_mutex_unlock(&lock);
  return set;
}

void close_working_set(struct working_set *set, int wake_up) {
  pthread_mutex_lock(&lock);
  for (size_t i = 0; i < set->listener_count; i++) {
    if (set->listeners[i] != wake_up) continue;
    set->listeners[i] = set->listeners[--set->listener_count];
    break;
  }
  drop_user(set);
  pthread_mutex_unlock(&lock);
}

bool bytes_ready(struct working_set *set, size_t *ready) {
  errno = set->error;
  *ready = set->ready;
  return errno == 0 || refuse_by_errno("read %s", set->path);
}

const struct working_set_header *working_set_header(const struct working_set *set) {
  const struct working_set_header *header = (const struct working_set_header *)set->bytes;
  const uint64_t length = (uint64_t)set->status.st_size;
  if (memcmp(header->magic, "FRUGALWS", 8) != 0 || header->version != 1) {
    refuse("%s is no working set of version 1", set->path);
    return NULL;
  }
  const uint64_t table_end = HEADER + header->extents * (uint64_t)sizeof(struct extent);
  if (header->data_offset % PAGE != 0 || header->data_offset < table_end || header->data_offset > length ||
      header->data_pages > (length - header->data_offset) / PAGE) {
    refuse("%s has not the length that its header announces", set->path);
    return NULL;
  }
  return header;
}

static void forget(const char *path, const struct working_set *but) {
  struct working_set *next;
  for (struct working_set *set = sets; set != NULL; set = next) {
    next = set->next;
    if (set == but || !set->is_preloaded || strcmp(set->path, path) != 0) continue;
    set->is_preloaded = false;
    drop_user(set);
  }
}

bool preload_working_set(const char *path) {
  pthread_mutex_lock(&lock);
  struct working_set *set = find_or_load(path, true);
  if (set != NULL) {
    if (set->is_preloaded) drop_user(set);
    set->is_preloaded = true;
    forget(path, set);
  }
  pthread_mutex_unlock(&lock);
  return set != NULL;
}

void forget_working_set(const char *path) {
  pthread_mutex_lock(&lock);
  forget(path, NULL);
  pthread_mutex_unlock(&lock);
}
