/*
 * Preloaded into criu for a dump, as limits.c. criu 4.1 asks every socket whether credentials and security labels are passed
 * over it; since Linux 6.16 the kernel answers that only for those that can, and criu gives up a process with any other. The
 * answer that criu wants is the one of older kernels: no.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int getsockopt(int socket, int level, int option, void *restrict value, socklen_t *restrict length) {
  int result = (int)syscall(SYS_getsockopt, (long)socket, (long)level, (long)option, value, length);
  int is_passed = level == SOL_SOCKET && (option == SO_PASSCRED || option == SO_PASSSEC);
  if (result == 0 || errno != EOPNOTSUPP || !is_passed || *length < sizeof(int)) return result;
  *(int *)value = 0;
  *length = sizeof(int);
  return 0;
}
