/*
 * What the platform asks for on standard input: blocks, each the decimal length of what follows, NUL, then records of a
 * name and a fixed number of values, each ended by NUL. Nothing of it shows in argv or the environment.
 *
 * The first block is the plan of the unit, the second the task that it is made for (it may come much later: a unit can
 * wait in reserve); further ones are orders to a unit at work.
 */
#ifndef FRUGAL_PLAN_H
#define FRUGAL_PLAN_H

#include <stddef.h>

struct list {
  char **items;
  size_t count;
};

/* What all units of a platform have in common: enough to make one before its function is known. */
struct plan {
  /* An empty folder of the host on which the new root is mounted. */
  char *root;
  /* A network namespace to enter, or NULL for one of the unit's own with nothing but loopback. */
  char *network;
  /* cgroup v2 folder in which the unit is born, or NULL. */
  char *cgroup2;
  /* cgroup v1 folders that the unit joins. */
  struct list cgroups;
  /* Pairs: source on the host, target in the unit. */
  struct list binds;
  /* Pairs: text of the symbolic link, its path in the unit. */
  struct list links;
  struct list folders;
  /* Pairs: path in the unit, text. */
  struct list files;
  /* The command of criu as the unit sees it, and the library that it needs for dumps; empty and NULL without snapshots. */
  struct list criu;
  char *criu_preload;
  /* Whether a restore worker is to be started ahead of the task. */
  unsigned long restore_worker;
};

enum task_kind { TASK_NONE, TASK_RUN, TASK_RESTORE, TASK_DUMP };

/* One end of an established TCP connection, as criu has dumped it; the other end is the platform's. */
struct connection {
  char *address;
  unsigned port;
  /* Sequence numbers behind the last byte that it has sent and received. */
  unsigned sent;
  unsigned received;
  /* TCPI_OPT_ bits. */
  unsigned options;
  unsigned segment_size;
  unsigned send_scale;
  unsigned receive_scale;
  unsigned timestamp;
  unsigned send_window;
  unsigned receive_window;
  /* What it has sent and the platform has not answered. */
  char *unanswered;
};

enum { MOST_CONNECTIONS = 16 };

/* What a unit is for: to run a command or to restore an image; later, to dump its processes into an image. */
struct task {
  enum task_kind kind;
  char *hostname;
  unsigned long long temporary_storage;
  /* As in the plan; sources are opened on the host when the task comes. */
  struct list binds;
  struct list files;
  /* Port on loopback to listen on for the platform; 0 for none. */
  unsigned listen_port;

  /* run */
  /* Whether the unit is to be dumped one day. */
  unsigned long is_template;
  char *directory;
  unsigned user;
  unsigned long open_files;
  struct list arguments;
  struct list environment;

  /* restore and dump: folder of the image on the host */
  char *image;
  /* restore: pairs of a descriptor (1 to 3) and the key that criu gave to what it replaces */
  struct list inherit;
  /* restore: those to `listen_port` */
  struct connection connections[MOST_CONNECTIONS];
  size_t connection_count;
  /* restore with a pager: its socket on the host, and pairs for the head of the session */
  char *pager;
  struct list session;
};

/* Read from `descriptor`; what is not well-formed ends the process (see control.h). */
void read_plan(int descriptor, struct plan *plan);
/* False where there is no further task. `text` is what was read, to be passed on. */
int read_task(int descriptor, struct task *task, char **text, size_t *length);

#endif
