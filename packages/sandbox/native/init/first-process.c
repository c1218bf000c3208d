/*
 * pid 1 of a unit: joins the cgroups, enters network and root, waits for its task, starts or restores the function as
 * pid 100, reaps what is left behind and ends with the function. When pid 1 ends, the kernel kills all other processes of
 * its pid namespace.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control.h"
#include "snapshot.h"
#include "stages.h"

static void join_cgroups(const struct plan *plan) {
  for (size_t i = 0; i < plan->cgroups.count; i++) {
    char path[4096];
    snprintf(path, sizeof path, "%s/cgroup.procs", plan->cgroups.items[i]);
    int procs = open(path, O_WRONLY | O_CLOEXEC);
    if (procs < 0 || write(procs, "0", 1) != 1) fail("join cgroup %s", plan->cgroups.items[i]);
    close(procs);
  }
  if (unshare(CLONE_NEWCGROUP) < 0) fail("make a cgroup namespace");
}

void end_processes(void) {
  kill(-1, SIGKILL);
  while (waitpid(-1, NULL, 0) > 0 || errno == EINTR) continue;
}

/* Nobody is left who wants the unit. */
__attribute__((noreturn)) static void end_unwanted(void) {
  end_processes();
  _exit(0);
}

/* Collects dead processes. True when the function is among them; its status is in `status`. */
static int reap(int *status) {
  int ended = 0, one;
  pid_t child;
  while ((child = waitpid(-1, &one, WNOHANG)) > 0) {
    if (WIFSIGNALED(one) && is_copying(child)) {
      report_failure("lost", "a process that copies its streams was killed");
      _exit(STATUS_REPORTED);
    }
    if (child != FUNCTION_PID) continue;
    *status = one;
    ended = 1;
  }
  return ended;
}

struct unit {
  const struct plan *plan;
  int relay;
  int deaths;
  /* The setting that /proc/sys of the unit shows, but protects. */
  int last_pid;
  struct worker worker;
  struct pages pages;
};

/* The task with the descriptors that the outer process has opened for it. Without a task the unit ends. */
static void receive_task(const struct unit *unit, struct task *task, struct descriptors *opened) {
  char byte, *text;
  size_t length;
  if (receive_descriptors(unit->relay, &byte, 1, opened) <= 0 || !read_task(unit->relay, task, &text, &length)) {
    end_unwanted();
  }
  free(text);
}

__attribute__((noreturn)) static void end_with(int status) {
  if (!WIFEXITED(status) || WEXITSTATUS(status) != STATUS_REPORTED) report_end(status);
  _exit(STATUS_REPORTED);
}

static void run(const struct unit *unit, const struct task *task, const sigset_t *signals) {
  if (task->is_template) take_own_streams();
  if (start_function(task, signals, unit->last_pid)) return;
  int status;
  waitpid(FUNCTION_PID, &status, 0);
  end_with(status);
}

static void restore(struct unit *unit, const struct task *task, const struct descriptors *opened) {
  size_t image = task->binds.count / 2;
  unit->pages.pager = task->pager == NULL ? -1 : opened->items[image + 1];
  /* It may have been killed while it waited. */
  if (unit->worker.pid == 0 || waitpid(unit->worker.pid, NULL, WNOHANG) != 0) {
    unit->worker = start_worker(unit->plan, NULL);
  }
  int ends[MOST_CONNECTIONS];
  make_other_ends(task, ends);
  if (!restore_function(task, &unit->worker, opened->items[image], &unit->pages, unit->deaths)) {
    _exit(STATUS_REPORTED);
  }
  for (size_t i = 0; i < task->connection_count; i++) {
    report_connection(ends[i]);
    close(ends[i]);
  }
  close(opened->items[image]);
}

static void do_task(struct unit *unit, const sigset_t *signals) {
  struct task task;
  struct descriptors opened;
  receive_task(unit, &task, &opened);
  if (task.kind == TASK_DUMP) {
    errno = EINVAL;
    fail("a unit's first task");
  }
  if (sethostname(task.hostname, strlen(task.hostname)) < 0) fail("set host name");
  offer_listener(&task);
  furnish_root(&task, &opened);
  seal_root();
  if (task.kind == TASK_RUN) run(unit, &task, signals);
  else restore(unit, &task, &opened);
  for (int descriptor = STDIN_FILENO; descriptor <= CHANNEL; descriptor++) close(descriptor);
  report_launched();
}

static void obey(const struct unit *unit) {
  struct task task;
  struct descriptors opened;
  receive_task(unit, &task, &opened);
  if (task.kind != TASK_DUMP) {
    errno = EINVAL;
    fail("a further task");
  }
  dump_function(unit->plan, opened.items[0], unit->relay);
  _exit(0);
}

void run_first_process(const struct plan *plan, int relay) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGCHLD);
  sigprocmask(SIG_BLOCK, &signals, NULL);
  struct unit unit = {.plan = plan, .relay = relay, .pages = {.depot = relay, .pager = -1, .listener = -1, .criu = -1}};
  unit.deaths = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
  if (unit.deaths < 0) fail("signalfd");
  unit.last_pid = open("/proc/sys/kernel/ns_last_pid", O_WRONLY | O_CLOEXEC);
  if (unit.last_pid < 0) fail("open the last pid");

  join_cgroups(plan);
  enter_network(plan);
  enter_root(plan);
  drop_capabilities_of_first_process();
  if (plan->restore_worker) unit.worker = start_worker(plan, NULL);
  report_made();
  do_task(&unit, &signals);

  for (;;) {
    int status = 0;
    if (reap(&status)) {
      report_end(status);
      _exit(0);
    }
    struct pollfd watched[] = {{.fd = unit.deaths, .events = POLLIN},
                               {.fd = CONTROL, .events = POLLRDHUP},
                               {.fd = relay, .events = POLLIN},
                               {.fd = unit.pages.pager, .events = POLLIN},
                               {.fd = unit.pages.criu, .events = POLLIN}};
    if (poll(watched, 5, -1) < 0) continue;
    if (watched[1].revents != 0) end_unwanted();
    if (watched[2].revents != 0) obey(&unit);
    if (watched[4].revents != 0) serve_criu(&unit.pages);
    if (watched[3].revents != 0) serve_pager(&unit.pages);
    struct signalfd_siginfo information;
    if (watched[0].revents != 0) (void)!read(unit.deaths, &information, sizeof information);
  }
}
