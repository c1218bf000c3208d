#define _GNU_SOURCE
#include <errno.h>
#include <linux/capability.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "control.h"
#include "stages.h"

/* What no part of a unit needs, not even criu: it would reach past the namespaces, to the machine. */
static const int MACHINE_WIDE[] = {
    CAP_LINUX_IMMUTABLE, CAP_SYS_MODULE, CAP_SYS_RAWIO,      CAP_SYS_PACCT, CAP_SYS_BOOT,     CAP_SYS_TIME,
    CAP_MKNOD,           CAP_LEASE,      CAP_AUDIT_WRITE,    CAP_MAC_ADMIN, CAP_MAC_OVERRIDE, CAP_SYSLOG,
    CAP_WAKE_ALARM,      CAP_NET_RAW,    CAP_AUDIT_CONTROL,  CAP_AUDIT_READ, CAP_BLOCK_SUSPEND, CAP_SYS_TTY_CONFIG,
};

void drop_capabilities_of_first_process(void) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[2];
  if (syscall(SYS_capget, &header, data) < 0) fail("read capabilities");
  for (size_t i = 0; i < sizeof MACHINE_WIDE / sizeof *MACHINE_WIDE; i++) {
    int capability = MACHINE_WIDE[i];
    uint32_t kept = ~CAP_TO_MASK(capability);
    data[CAP_TO_INDEX(capability)].permitted &= kept;
    data[CAP_TO_INDEX(capability)].effective &= kept;
    data[CAP_TO_INDEX(capability)].inheritable &= kept;
    if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0 && errno != EINVAL) fail("drop capability %d", capability);
  }
  if (syscall(SYS_capset, &header, data) < 0) fail("drop capabilities of pid 1");
}
