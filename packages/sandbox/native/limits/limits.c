/*
 * Preloaded into criu for a dump. To ask for the limits of another user's process, the kernel wants CAP_SYS_RESOURCE, which
 * root lacks in many virtual machines and containers; yet /proc/PID/limits tells everybody. So where prlimit may not read,
 * this one reads there. Every other call goes to the kernel as it is. criu asks by syscall(), so that is replaced as well.
 *
 * It is built with the host's C library and loaded beside criu's, which may be of another version: it uses only what has
 * been in all of them for long.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

_Static_assert(sizeof(struct rlimit) == sizeof(struct rlimit64), "prlimit and prlimit64 share one definition");

/* The first column of /proc/PID/limits. */
static const char *const rows[] = {
    [RLIMIT_CPU] = "Max cpu time",
    [RLIMIT_FSIZE] = "Max file size",
    [RLIMIT_DATA] = "Max data size",
    [RLIMIT_STACK] = "Max stack size",
    [RLIMIT_CORE] = "Max core file size",
    [RLIMIT_RSS] = "Max resident set",
    [RLIMIT_NPROC] = "Max processes",
    [RLIMIT_NOFILE] = "Max open files",
    [RLIMIT_MEMLOCK] = "Max locked memory",
    [RLIMIT_AS] = "Max address space",
    [RLIMIT_LOCKS] = "Max file locks",
    [RLIMIT_SIGPENDING] = "Max pending signals",
    [RLIMIT_MSGQUEUE] = "Max msgqueue size",
    [RLIMIT_NICE] = "Max nice priority",
    [RLIMIT_RTPRIO] = "Max realtime priority",
    [RLIMIT_RTTIME] = "Max realtime timeout",
};

/* Reads /proc/PID/limits into `text`, ended by NUL. False where it cannot be read. */
static int read_limits(pid_t pid, char *text, size_t size) {
  char path[40];
  snprintf(path, sizeof path, "/proc/%d/limits", (int)pid);
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  size_t length = 0;
  ssize_t got;
  while (length < size - 1 && (got = read(file, text + length, size - 1 - length)) > 0) length += (size_t)got;
  close(file);
  text[length] = '\0';
  return length > 0;
}

/* What follows the name of `row` in `text`, or NULL. */
static const char *columns_of(const char *text, const char *row) {
  size_t length = strlen(row);
  for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
    if (*line == '\n') line++;
    if (strncmp(line, row, length) == 0 && line[length] == ' ') return line + length;
  }
  return NULL;
}

/* Takes one column: a number or "unlimited". By hand, as the C libraries differ in what strtoull is called. */
static int take_limit(const char **text, rlim_t *limit) {
  static const char unlimited[] = "unlimited";
  while (**text == ' ') ++*text;
  if (strncmp(*text, unlimited, sizeof unlimited - 1) == 0) {
    *limit = RLIM_INFINITY;
    *text += sizeof unlimited - 1;
    return 1;
  }
  if (**text < '0' || **text > '9') return 0;
  for (*limit = 0; **text >= '0' && **text <= '9'; ++*text) *limit = *limit * 10 + (rlim_t)(**text - '0');
  return 1;
}

static int limit_in_proc(pid_t pid, unsigned resource, struct rlimit *limit) {
  char text[8192];
  if (resource >= sizeof rows / sizeof *rows || !read_limits(pid, text, sizeof text)) return 0;
  const char *columns = columns_of(text, rows[resource]);
  return columns != NULL && take_limit(&columns, &limit->rlim_cur) && take_limit(&columns, &limit->rlim_max);
}

/* A system call past the C library: the result, or the negative error. */
static long call_kernel(long number, const long given[6]) {
#if defined(__x86_64__)
  register long fourth __asm__("r10") = given[3];
  register long fifth __asm__("r8") = given[4];
  register long sixth __asm__("r9") = given[5];
  long result = number;
  __asm__ volatile("syscall"
                   : "+a"(result)
                   : "D"(given[0]), "S"(given[1]), "d"(given[2]), "r"(fourth), "r"(fifth), "r"(sixth)
                   : "rcx", "r11", "memory");
  return result;
#elif defined(__aarch64__)
  register long which __asm__("x8") = number;
  register long result __asm__("x0") = given[0];
  register long second __asm__("x1") = given[1];
  register long third __asm__("x2") = given[2];
  register long fourth __asm__("x3") = given[3];
  register long fifth __asm__("x4") = given[4];
  register long sixth __asm__("x5") = given[5];
  __asm__ volatile("svc 0"
                   : "+r"(result)
                   : "r"(which), "r"(second), "r"(third), "r"(fourth), "r"(fifth), "r"(sixth)
                   : "memory");
  return result;
#else
#error "functions are dumped on x86-64 and arm64 only"
#endif
}

/* As the C library's own: system calls take up to six values, whether they are given or not. */
long syscall(long number, ...) {
  long given[6];
  va_list rest;
  va_start(rest, number);
  for (int i = 0; i < 6; i++) given[i] = va_arg(rest, long);
  va_end(rest);

  long result = call_kernel(number, given);
  if (number == SYS_prlimit64 && result == -EPERM && given[2] == 0 && given[3] != 0 &&
      limit_in_proc((pid_t)given[0], (unsigned)given[1], (struct rlimit *)given[3])) {
    return 0;
  }
  /* The last page of addresses is never a result. */
  if (result >= 0 || result < -4095) return result;
  errno = (int)-result;
  return -1;
}

int prlimit(pid_t pid, enum __rlimit_resource resource, const struct rlimit *wanted, struct rlimit *present) {
  return (int)syscall(SYS_prlimit64, (long)pid, (long)resource, wanted, present);
}

int prlimit64(pid_t pid, enum __rlimit_resource resource, const struct rlimit64 *wanted, struct rlimit64 *present) {
  return (int)syscall(SYS_prlimit64, (long)pid, (long)resource, wanted, present);
}
