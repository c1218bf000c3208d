/*
 * Starts the function: a process under a fixed pid that becomes its command.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "control.h"
#include "stages.h"

/* The kernel numbers what the function starts from here on: above all pids that restoring a snapshot takes itself. */
static void number_from_function(int last_pid) {
  char text[16];
  int length = snprintf(text, sizeof text, "%d", FUNCTION_PID);
  if (write(last_pid, text, (size_t)length) != length) fail("set the last pid");
}

static pid_t fork_function(void) {
  pid_t wanted[] = {FUNCTION_PID};
  struct clone_args arguments = {
      .exit_signal = SIGCHLD,
      .set_tid = (uintptr_t)wanted,
      .set_tid_size = 1,
  };
  pid_t child = (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
  if (child < 0) fail("fork the function as pid %d", FUNCTION_PID);
  return child;
}

/* Starts the function. True when its command runs; else it has ended, or is about to, with an error. */
int start_function(const struct task *task, const sigset_t *signals, int last_pid) {
  number_from_function(last_pid);
  int progress[2];
  if (pipe2(progress, O_CLOEXEC) < 0) fail("pipe");
  if (fork_function() == 0) {
    if (sigprocmask(SIG_UNBLOCK, signals, NULL) < 0) fail("unblock signals");
    if (progress[1] != PROGRESS && dup3(progress[1], PROGRESS, O_CLOEXEC) < 0) fail("dup");
    become_function(task);
  }
  close(progress[1]);
  /* One byte before execve and one after: only a successful execve closes the pipe after the first. */
  int steps = 0;
  for (;;) {
    char step;
    ssize_t got = read(progress[0], &step, 1);
    if (got == 0) break;
    if (got == 1) steps++;
    else if (errno != EINTR) fail("read the function's progress");
  }
  close(progress[0]);
  return steps == 1;
}

