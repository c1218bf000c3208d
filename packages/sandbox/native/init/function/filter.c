/*
 * The function's system call filter, made from the table below: the first row that fits decides, and what no row names
 * is allowed. Numbers that this table does not know yet answer ENOSYS, as on an older kernel.
 *
 * io_uring answers ENOSYS because a process with a ring cannot be snapshotted, and clone3 because a filter cannot see
 * its flags: libraries then fall back to epoll and clone.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "control.h"
#include "stages.h"

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "frugal-init knows the system calls of x86_64 and aarch64"
#endif

/* removexattrat, Linux 6.13: the last call that was looked at for this table. */
enum { LAST_KNOWN_CALL = 466 };

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif
enum {
  NEW_NAMESPACES = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |
                   CLONE_NEWNET
};

/* `argument` is 1 to 6; 0 ends the conditions. Only low words are looked at: the kernel takes these as 32 bit, too. */
struct condition {
  int argument;
  enum { EQUAL, DIFFERENT } test;
  uint32_t mask, value;
};

struct row {
  int call;
  /* 0 allows. */
  int error;
  struct condition conditions[2];
};

#define ALL 0xffffffffu
#define DENY(name) {SYS_##name, EPERM, {{0}}}
#define ABSENT(name) {SYS_##name, ENOSYS, {{0}}}

static const struct row table[] = {
    ABSENT(io_uring_setup), ABSENT(io_uring_enter), ABSENT(io_uring_register), ABSENT(clone3),

    /* namespaces */
    {SYS_clone, EPERM, {{1, DIFFERENT, NEW_NAMESPACES, 0}}},
    {SYS_unshare, EPERM, {{1, DIFFERENT, NEW_NAMESPACES | CLONE_NEWTIME, 0}}},
    DENY(setns),

    /* mounts */
    DENY(mount), DENY(umount2), DENY(pivot_root), DENY(chroot), DENY(fsopen), DENY(fsconfig), DENY(fsmount),
    DENY(fspick), DENY(move_mount), DENY(open_tree), DENY(mount_setattr), DENY(quotactl), DENY(quotactl_fd),
    DENY(swapon), DENY(swapoff), DENY(open_by_handle_at), {457, EPERM, {{0}}}, /* statmount */
    {458, EPERM, {{0}}}, /* listmount */

    /* other processes */
    DENY(ptrace), DENY(process_vm_readv), DENY(process_vm_writev), DENY(kcmp), DENY(pidfd_getfd),

    /* parts of the kernel with a history of holes, or that need privileges anyhow */
    DENY(bpf), DENY(perf_event_open), DENY(userfaultfd), DENY(keyctl), DENY(add_key), DENY(request_key),
    DENY(fanotify_init), DENY(lookup_dcookie), DENY(kexec_load), DENY(kexec_file_load), DENY(init_module),
    DENY(finit_module), DENY(delete_module), DENY(nfsservctl),

    /* the machine: power, clocks, names, accounting, consoles */
    DENY(reboot), DENY(settimeofday), DENY(clock_settime), DENY(adjtimex), DENY(clock_adjtime), DENY(acct),
    DENY(syslog), DENY(sethostname), DENY(setdomainname), DENY(vhangup),
    {SYS_ioctl, EPERM, {{2, EQUAL, ALL, TIOCSTI}}},
    {SYS_ioctl, EPERM, {{2, EQUAL, ALL, TIOCLINUX}}},
    {SYS_personality, 0, {{1, EQUAL, ALL, 0}}},
    {SYS_personality, 0, {{1, EQUAL, ALL, ALL}}},
    DENY(personality),

    /* on which NUMA node memory lies: the platform's to say */
    DENY(get_mempolicy), DENY(set_mempolicy), DENY(mbind), DENY(migrate_pages), DENY(move_pages),
    {450, EPERM, {{0}}}, /* set_mempolicy_home_node */

    /* device files */
    {SYS_mknodat, EPERM, {{3, EQUAL, S_IFMT, S_IFCHR}}},
    {SYS_mknodat, EPERM, {{3, EQUAL, S_IFMT, S_IFBLK}}},

    /* sockets: local, internet, and netlink for reading routes and addresses */
    {SYS_socket, 0, {{1, EQUAL, ALL, AF_UNIX}}},
    {SYS_socket, 0, {{1, EQUAL, ALL, AF_INET}}},
    {SYS_socket, 0, {{1, EQUAL, ALL, AF_INET6}}},
    {SYS_socket, 0, {{1, EQUAL, ALL, AF_NETLINK}, {3, EQUAL, ALL, 0 /* NETLINK_ROUTE */}}},
    {SYS_socket, EAFNOSUPPORT, {{0}}},

#if defined(__x86_64__)
    {SYS_mknod, EPERM, {{2, EQUAL, S_IFMT, S_IFCHR}}},
    {SYS_mknod, EPERM, {{2, EQUAL, S_IFMT, S_IFBLK}}},
    DENY(iopl), DENY(ioperm), DENY(modify_ldt), DENY(uselib), DENY(ustat), DENY(sysfs), DENY(create_module),
    DENY(get_kernel_syms), DENY(query_module), DENY(_sysctl),
#endif
};

enum { ROWS = sizeof table / sizeof *table, LARGEST_ROW = 12, FRAME = 16 };

struct program {
  struct sock_filter code[ROWS * LARGEST_ROW + FRAME];
  unsigned short length;
};

static void emit(struct program *program, unsigned short code, uint32_t operand, unsigned char if_true,
                 unsigned char if_false) {
  program->code[program->length++] = (struct sock_filter){code, if_true, if_false, operand};
}

static void load(struct program *program, size_t offset) {
  emit(program, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void decide(struct program *program, uint32_t verdict) {
  emit(program, BPF_RET | BPF_K, verdict, 0, 0);
}

static uint32_t verdict_of(int error) {
  return error == 0 ? SECCOMP_RET_ALLOW : SECCOMP_RET_ERRNO | (uint32_t)error;
}

/* Before and after it the accumulator holds the number of the call. */
static void emit_row(struct program *program, const struct row *row) {
  int conditions = 0;
  while (conditions < 2 && row->conditions[conditions].argument != 0) conditions++;
  if (conditions == 0) {
    emit(program, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)row->call, 0, 1);
    decide(program, verdict_of(row->error));
    return;
  }
  /* A condition is three instructions; the verdict one, the reload of the number one. */
  emit(program, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)row->call, 0, (unsigned char)(3 * conditions + 2));
  for (int i = 0; i < conditions; i++) {
    const struct condition *condition = &row->conditions[i];
    unsigned char past_verdict = (unsigned char)(3 * (conditions - i - 1) + 1);
    /* Both architectures are little-endian: the low word comes first. */
    load(program, offsetof(struct seccomp_data, args) + 8 * (size_t)(condition->argument - 1));
    emit(program, BPF_ALU | BPF_AND | BPF_K, condition->mask, 0, 0);
    int equal = condition->test == EQUAL;
    emit(program, BPF_JMP | BPF_JEQ | BPF_K, condition->value, equal ? 0 : past_verdict, equal ? past_verdict : 0);
  }
  decide(program, verdict_of(row->error));
  load(program, offsetof(struct seccomp_data, nr));
}

void install_filter(void) {
  static struct program program;
  load(&program, offsetof(struct seccomp_data, arch));
  emit(&program, BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0);
  decide(&program, SECCOMP_RET_KILL_PROCESS);
  load(&program, offsetof(struct seccomp_data, nr));
  /* x32 has its own numbers, far above; -1 is what a tracer would set. */
  emit(&program, BPF_JMP | BPF_JGT | BPF_K, LAST_KNOWN_CALL, 0, 1);
  decide(&program, verdict_of(ENOSYS));
  for (size_t i = 0; i < ROWS; i++) emit_row(&program, &table[i]);
  decide(&program, SECCOMP_RET_ALLOW);

  struct sock_fprog filter = {.len = program.length, .filter = program.code};
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) < 0) fail("install the system call filter");
}
