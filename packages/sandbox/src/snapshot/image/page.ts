/** What criu dumps, the kernel's fault handler installs, and our files count. */
export const PAGE_SIZE = 4096;
