#define _GNU_SOURCE
#include "snapshot.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control.h"

/* What the function had written to its folders for temporary files, in the image's folder. */
static const char TEMPORARY_FILES[] = "temporary-files.tar";
/* With it criu would give clones clocks of their own, behind the platform's by the age of the image. */
static const char CLOCKS[] = "timens-0.img";
static const char TAR[] = "/usr/bin/tar";

static int enter_work_folder(void) {
  if (chdir(WORK_FOLDER) < 0) fail("enter %s", WORK_FOLDER);
  int folder = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) fail("open %s", WORK_FOLDER);
  return folder;
}

/* Gives the process nothing but `archive` as its descriptor `standard`, wherever both are now: pid 1 has given up 0 to 2. */
static void take_streams(int archive, int standard) {
  int nothing = fcntl(open("/dev/null", O_RDWR | O_CLOEXEC), F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  int moved = fcntl(archive, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  if (nothing < 0 || moved < 0) _exit(127);
  for (int one = STDIN_FILENO; one <= STDERR_FILENO; one++) {
    if (dup2(one == standard ? moved : nothing, one) < 0) _exit(127);
  }
}

/* Runs tar on `archive`, its standard input or output. */
static int run_tar(int archive, int standard, char *const arguments[]) {
  pid_t child = fork();
  if (child < 0) fail("fork tar");
  if (child == 0) {
    char *none[] = {NULL};
    take_streams(archive, standard);
    execve(TAR, arguments, none);
    _exit(127);
  }
  int status;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static int unpack_temporary_files(int image) {
  int archive = openat(image, TEMPORARY_FILES, O_RDONLY | O_CLOEXEC);
  if (archive < 0) return errno == ENOENT;
  char *const arguments[] = {(char *)TAR, "-C", "/", "-xpf", "-", NULL};
  int done = run_tar(archive, STDIN_FILENO, arguments);
  close(archive);
  return done;
}

static int is_empty(const char *path) {
  DIR *folder = opendir(path);
  if (folder == NULL) return 1;
  int entries = 0;
  while (entries <= 2 && readdir(folder) != NULL) entries++;
  closedir(folder);
  return entries <= 2;
}

static int pack_temporary_files(int image) {
  if (is_empty("/tmp") && is_empty("/dev/shm")) return 1;
  int archive = openat(image, TEMPORARY_FILES, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (archive < 0) return 0;
  char *const arguments[] = {(char *)TAR, "-C", "/", "--numeric-owner", "-cf", "-", "tmp", "dev/shm", NULL};
  int done = run_tar(archive, STDOUT_FILENO, arguments);
  return close(archive) == 0 && done;
}

static int has_ended(pid_t child) {
  siginfo_t information = {.si_pid = 0};
  return waitid(P_PID, (id_t)child, &information, WEXITED | WNOHANG | WNOWAIT) == 0 && information.si_pid == child;
}

/* Of a child that is ending. An image can make criu crash, but not be killed. */
static int was_killed(pid_t child) {
  siginfo_t information = {.si_pid = 0};
  return waitid(P_PID, (id_t)child, &information, WEXITED | WNOWAIT) == 0 && information.si_code == CLD_KILLED &&
         information.si_status == SIGKILL;
}

/* criu itself kills what it cannot restore, and then says why. */
static int answers_soon(const struct worker *worker) {
  struct pollfd watched = {.fd = worker->socket, .events = POLLIN};
  return poll(&watched, 1, 500) > 0;
}

/* Serves the restore until criu answers or ends. What was lost that it needs, or NULL. */
static const char *await_restored(const struct worker *worker, struct pages *pages, int deaths) {
  for (;;) {
    struct pollfd watched[] = {{.fd = worker->socket, .events = POLLIN},
                               {.fd = pages->listener, .events = POLLIN},
                               {.fd = pages->criu, .events = POLLIN},
                               {.fd = pages->pager, .events = POLLIN},
                               {.fd = deaths, .events = POLLIN},
                               {.fd = pages->depot, .events = 0}};
    if (poll(watched, 6, -1) < 0) continue;
    if (watched[5].revents != 0) return "its outer process was killed";
    if (watched[1].revents != 0) serve_listener(pages);
    if (watched[2].revents != 0) serve_criu(pages);
    if (watched[3].revents != 0) serve_pager(pages);
    if (watched[0].revents != 0) return NULL;
    struct signalfd_siginfo information;
    if (watched[4].revents == 0 || read(deaths, &information, sizeof information) < 0) continue;
    if (has_ended(FUNCTION_PID)) return answers_soon(worker) ? NULL : "its process was killed while it was restored";
    /* Those it restores may hold its end of the socket. What it has said before is still to be read. */
    if (has_ended(worker->pid) && recv(worker->socket, NULL, 0, MSG_PEEK | MSG_DONTWAIT) < 0) return "criu has ended";
  }
}

int restore_function(const struct task *task, struct worker *worker, int image, struct pages *pages, int deaths) {
  char reason[1024] = "its temporary files cannot be unpacked";
  int work = enter_work_folder();
  await_pages(pages);
  int restored = unpack_temporary_files(image);
  if (restored) {
    request_restore(worker, task, image, work, pages->pager >= 0);
    const char *loss = await_restored(worker, pages, deaths);
    enum response response = loss == NULL ? take_response(worker, work, reason, sizeof reason) : NO_RESPONSE;
    if (loss == NULL && response == NO_RESPONSE && was_killed(worker->pid)) loss = "criu was killed";
    if (loss != NULL) report_failure("lost", loss);
    else if (response != SUCCESS) report_failure("unrestorable", reason);
    restored = response == SUCCESS;
  } else {
    report_failure("unrestorable", reason);
  }
  close(worker->socket);
  close(work);
  if (chdir("/") < 0) fail("leave %s", WORK_FOLDER);
  return restored;
}

/* Inode of the socket that the function has as `descriptor`; 0 where it is none. */
static unsigned long socket_of(int descriptor) {
  char path[64], target[64];
  snprintf(path, sizeof path, "/proc/%d/fd/%d", FUNCTION_PID, descriptor);
  ssize_t length = readlink(path, target, sizeof target - 1);
  if (length <= 0) return 0;
  target[length] = '\0';
  unsigned long inode = 0;
  return sscanf(target, "socket:[%lu]", &inode) == 1 ? inode : 0;
}

/* False where nobody is left to be told. */
static int await_dumped(const struct worker *worker, int relay) {
  struct pollfd watched[] = {{.fd = worker->socket, .events = POLLIN}, {.fd = relay, .events = 0}};
  while (poll(watched, 2, -1) < 0) continue;
  return watched[1].revents == 0;
}

void dump_function(const struct plan *plan, int image, int relay) {
  char reason[1024] = "this unit has no criu";
  unsigned long sockets[3];
  for (int i = 0; i < 3; i++) sockets[i] = socket_of(i + 1);
  if (plan->criu.count == 0 || has_adopted_process(reason, sizeof reason)) {
    report_failure("undumpable", reason);
    return;
  }
  struct worker worker = start_worker(plan, plan->criu_preload);
  request_dump(&worker, image, sockets);
  if (!await_dumped(&worker, relay)) return;
  int dumped = take_response(&worker, image, reason, sizeof reason) == SUCCESS;
  close(worker.socket);
  if (dumped) {
    unlinkat(image, WORKER_LOG, 0);
    unlinkat(image, CLOCKS, 0);
  }
  if (dumped && !pack_temporary_files(image)) {
    dumped = 0;
    snprintf(reason, sizeof reason, "its temporary files cannot be packed");
  }
  if (dumped) report_dumped(sockets);
  else report_failure("undumpable", reason);
}
