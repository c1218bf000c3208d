/*
 * A process that is served by the pager, for tests: it plays criu (or Firecracker) towards the pager and then the
 * restored process, by commands on standard input. Each command is a line and is answered by one line.
 */
#ifndef CLIENT_H
#define CLIENT_H

#include <stdint.h>
#include <stdio.h>

enum { PAGE = 4096 };

__attribute__((noreturn)) void die(const char *step);

/* memory.c: addresses are numbers of pages. */
void map_pages(uint64_t page, uint64_t count);
void map_huge_pages(uint64_t page, uint64_t count);
/* The word that fills each page, separated by blanks; "mixed" where a page is not filled with one. */
void print_pages(FILE *answers, uint64_t page, uint64_t count);
void write_pages(uint64_t page, uint64_t count, uint64_t word);
void drop_pages(uint64_t page, uint64_t count);
void unmap_pages(uint64_t page, uint64_t count);
void move_pages_to(uint64_t from, uint64_t count, uint64_t to);
/* Reads the pages in `threads` threads at once, all from the first to the last. */
void read_in_parallel(uint64_t page, uint64_t count, unsigned threads);
/* Reads a page in a thread; returns once the kernel holds that thread back and nobody has taken the fault. */
void wait_for_blocked_read(uint64_t page);

/* wire.c */
void connect_to(const char *path);
void send_bytes(const void *bytes, size_t length);
/* A userfaultfd for all mapped pages, sent like criu does. */
void send_process(int32_t pid);
/* The same for a guest: `regions` are triples of page, pages and offset. */
void send_guest(const uint64_t *regions, size_t count, uint64_t page_size);
int make_uffd(uint64_t features);
int last_uffd(void);
/* Waits for the userfaultfd of a forked process. */
void take_fork(void);
/* Waits until the pager has hung up. */
void wait_for_hangup(void);

#endif
