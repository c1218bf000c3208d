/*
 * criu's end of lazy restores. criu sends the userfaultfd of every process that it restores to `lazy-pages.socket`; what
 * arrives is passed on to the pager as it is, and the descriptors are kept, here and by the outer process: as long as somebody
 * has them, a page that the pager does not serve any more makes its reader wait; else the kernel would fill it with zeros.
 */
#ifndef FRUGAL_PAGES_H
#define FRUGAL_PAGES_H

struct pages {
  /* The outer process. */
  int depot;
  /* The connection to the pager; -1 where this unit needs none. */
  int pager;
  /* Where criu connects, and its connection; -1 where there is none. */
  int listener;
  int criu;
};

/* Listens in the present folder, where there is a pager. */
void await_pages(struct pages *pages);
/* Handles what poll found on the descriptors of `pages`. A pager that is gone ends the process. */
void serve_listener(struct pages *pages);
void serve_criu(struct pages *pages);
void serve_pager(struct pages *pages);

#endif
