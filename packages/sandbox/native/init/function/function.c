/*
 * The last steps of the function's process, from root in a new session to the command as an ordinary user that can
 * never gain a privilege again. The order matters: each step still needs what a later one takes away.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "control.h"
#include "stages.h"

static void keep_descriptors(void) {
  int nothing = open("/dev/null", O_RDONLY);
  if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0) fail("open /dev/null");
  if (syscall(SYS_close_range, PROGRESS + 1, ~0U, 0) < 0) fail("close descriptors");
}

static void limit(int resource, const char *name, unsigned long value) {
  struct rlimit current;
  if (getrlimit(resource, &current) < 0) fail("read limit of %s", name);
  /* Without CAP_SYS_RESOURCE a hard limit can only go down. */
  rlim_t wanted = value < current.rlim_max ? value : current.rlim_max;
  struct rlimit change = {.rlim_cur = wanted, .rlim_max = wanted};
  if (setrlimit(resource, &change) < 0) fail("limit %s", name);
}

/* When the unit's memory is full, the function goes first, and pid 1 lives to report it. */
static void volunteer_for_out_of_memory(void) {
  int score = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (score < 0 || write(score, "500", 3) != 3) fail("set oom_score_adj");
  close(score);
}

static void drop_privileges(unsigned user) {
  for (int capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++) {
    if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0) fail("drop capability %d", capability);
  }
  if (setgroups(0, NULL) < 0) fail("drop groups");
  if (setresgid(user, user, user) < 0) fail("become group %u", user);
  if (setresuid(user, user, user) < 0) fail("become user %u", user);
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct none[2];
  memset(none, 0, sizeof none);
  if (syscall(SYS_capset, &header, none) < 0) fail("drop all capabilities");
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) fail("set no_new_privs");
}

void become_function(const struct task *task) {
  keep_descriptors();
  if (setsid() < 0) fail("start a session");
  limit(RLIMIT_NOFILE, "open files", task->open_files);
  limit(RLIMIT_CORE, "core size", 0);
  volunteer_for_out_of_memory();
  drop_privileges(task->user);
  if (chdir(task->directory) < 0) fail("enter %s", task->directory);
  install_filter();
  (void)!write(PROGRESS, "", 1);
  execve(task->arguments.items[0], task->arguments.items, task->environment.items);
  int error = errno;
  (void)!write(PROGRESS, "", 1);
  errno = error;
  fail("run %s", task->arguments.items[0]);
}
