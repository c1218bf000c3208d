/*
 * The unit's root: a small tmpfs that holds read-only binds of what the plan names, and nothing else of the host.
 *
 * Sources are opened on the host first; everything is then put together after the host's root is gone, so that no link
 * inside a source can lead a path of the plan out of the unit. What a task adds is opened by the outer process, which is
 * still on the host.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "control.h"
#include "stages.h"

static const unsigned long long READ_ONLY = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;

static void set_attributes(int mount, const char *path, unsigned flags, unsigned long long attributes) {
  struct mount_attr change = {.attr_set = attributes, .propagation = MS_PRIVATE};
  if (syscall(SYS_mount_setattr, mount, path, flags, &change, sizeof change) < 0) fail("protect mount %s", path);
}

int open_read_only(const char *path) {
  int tree = (int)syscall(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
  if (tree >= 0) set_attributes(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, READ_ONLY);
  return tree;
}

static void attach(int tree, const char *target) {
  if (syscall(SYS_move_mount, tree, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH) < 0) fail("mount at %s", target);
  close(tree);
}

static void make_folder(const char *path, mode_t mode) {
  if (mkdir(path, mode) < 0 && errno != EEXIST) fail("make folder %s", path);
}

static void make_parents(const char *path) {
  char *copy = strdup(path);
  if (copy == NULL) fail("memory");
  for (char *slash = copy + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
    *slash = '\0';
    make_folder(copy, 0755);
    *slash = '/';
  }
  free(copy);
}

/* A mount point of the kind of `tree` at `path`. */
static void make_target(int tree, const char *path) {
  struct stat source;
  if (fstatat(tree, "", &source, AT_EMPTY_PATH) < 0) fail("look at the source of %s", path);
  make_parents(path);
  if (S_ISDIR(source.st_mode)) {
    make_folder(path, 0755);
    return;
  }
  int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0444);
  if (file < 0) fail("make mount point %s", path);
  close(file);
}

static void leave_host_root(const char *root) {
  if (mount("frugal", root, "tmpfs", MS_NOSUID, "mode=0755,size=1m,nr_inodes=4k") < 0) fail("mount root at %s", root);
  if (chdir(root) < 0) fail("enter root");
  if (syscall(SYS_pivot_root, ".", ".") < 0) fail("change root");
  if (umount2(".", MNT_DETACH) < 0) fail("detach the host's root");
  if (chdir("/") < 0) fail("enter root");
}

static void make_devices(void) {
  static const struct {
    const char *path;
    unsigned minor;
  } devices[] = {{"/dev/null", 3}, {"/dev/zero", 5}, {"/dev/full", 7}, {"/dev/random", 8}, {"/dev/urandom", 9}};
  make_folder("/dev", 0755);
  for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) {
    if (mknod(devices[i].path, S_IFCHR | 0666, makedev(1, devices[i].minor)) < 0) fail("make %s", devices[i].path);
  }
  static const char *const links[][2] = {{"/proc/self/fd", "/dev/fd"},
                                         {"/proc/self/fd/0", "/dev/stdin"},
                                         {"/proc/self/fd/1", "/dev/stdout"},
                                         {"/proc/self/fd/2", "/dev/stderr"}};
  for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
    if (symlink(links[i][0], links[i][1]) < 0) fail("make %s", links[i][1]);
  }
}

/* Own /proc, without what shows or changes the machine. */
static void make_proc(void) {
  static const char *const read_only[] = {"/proc/sys", "/proc/irq", "/proc/bus", "/proc/fs"};
  static const char *const masked[] = {"/proc/kcore", "/proc/keys", "/proc/key-users", "/proc/sysrq-trigger",
                                       "/proc/timer_list", "/proc/sched_debug", "/proc/latency_stats",
                                       "/proc/kallsyms", "/proc/modules", "/proc/interrupts"};
  make_folder("/proc", 0555);
  /* hidepid=2: the function sees only its own processes, not pid 1. */
  if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, "hidepid=2") < 0) fail("mount /proc");
  for (size_t i = 0; i < sizeof read_only / sizeof *read_only; i++) {
    int tree = open_read_only(read_only[i]);
    if (tree >= 0) attach(tree, read_only[i]);
    else if (errno != ENOENT) fail("protect %s", read_only[i]);
  }
  for (size_t i = 0; i < sizeof masked / sizeof *masked; i++) {
    if (mount("/dev/null", masked[i], NULL, MS_BIND, NULL) < 0 && errno != ENOENT) fail("mask %s", masked[i]);
  }
}

static void make_work_folder(void) {
  make_parents(WORK_FOLDER);
  make_folder(WORK_FOLDER, 0755);
  if (mount("work", WORK_FOLDER, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700,size=1m") < 0) {
    fail("mount %s", WORK_FOLDER);
  }
}

static void make_temporary_folders(unsigned long long size) {
  char options[64];
  snprintf(options, sizeof options, "mode=1777,size=%llu", size);
  make_folder("/tmp", 0755);
  if (mount("tmp", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, options) < 0) fail("mount /tmp");
  make_folder("/dev/shm", 0755);
  if (mount("shm", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, options) < 0) fail("mount /dev/shm");
}

static void make_file(const char *path, const char *text) {
  make_parents(path);
  int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0444);
  if (file < 0 || write(file, text, strlen(text)) != (ssize_t)strlen(text)) fail("make file %s", path);
  close(file);
}

static void make_files(const struct list *files) {
  for (size_t i = 0; i < files->count; i += 2) make_file(files->items[i], files->items[i + 1]);
}

static void attach_at(int tree, const char *target) {
  make_target(tree, target);
  attach(tree, target);
}

void enter_root(const struct plan *plan) {
  umask(0);
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) fail("make mounts private");
  size_t pairs = plan->binds.count / 2;
  int *trees = calloc(pairs + 1, sizeof *trees);
  if (trees == NULL) fail("memory");
  for (size_t i = 0; i < pairs; i++) {
    trees[i] = open_read_only(plan->binds.items[2 * i]);
    if (trees[i] < 0) fail("open %s", plan->binds.items[2 * i]);
  }
  leave_host_root(plan->root);
  make_devices();
  make_proc();
  for (size_t i = 0; i < plan->folders.count; i++) {
    make_parents(plan->folders.items[i]);
    make_folder(plan->folders.items[i], 0755);
  }
  make_files(&plan->files);
  for (size_t i = 0; i < plan->links.count; i += 2) {
    make_parents(plan->links.items[i + 1]);
    if (symlink(plan->links.items[i], plan->links.items[i + 1]) < 0) fail("make link %s", plan->links.items[i + 1]);
  }
  for (size_t i = 0; i < pairs; i++) attach_at(trees[i], plan->binds.items[2 * i + 1]);
  if (plan->criu.count > 0) make_work_folder();
  free(trees);
  umask(022);
}

void furnish_root(const struct task *task, const struct descriptors *opened) {
  umask(0);
  make_temporary_folders(task->temporary_storage);
  make_files(&task->files);
  for (size_t i = 0; i < task->binds.count / 2; i++) attach_at(opened->items[i], task->binds.items[2 * i + 1]);
  umask(022);
}

void seal_root(void) {
  set_attributes(-1, "/", 0, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID);
}
