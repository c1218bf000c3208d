/*
 * The plan of one unit, as the platform writes it on standard input: the decimal length of what follows, NUL, then
 * records of a name and a fixed number of values, each ended by NUL. Nothing of it shows in argv or the environment.
 */
#ifndef FRUGAL_PLAN_H
#define FRUGAL_PLAN_H

#include <stddef.h>

struct list {
  char **items;
  size_t count;
};

struct plan {
  /* An empty folder of the host on which the new root is mounted. */
  char *root;
  char *hostname;
  /* A network namespace to enter, or NULL for one of the unit's own with nothing but loopback. */
  char *network;
  /* Folder where the command starts. */
  char *directory;
  unsigned user;
  unsigned long open_files;
  unsigned long long temporary_storage;
  /* Port on loopback to listen on for the platform; 0 for none. */
  unsigned listen_port;
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
  struct list arguments;
  struct list environment;
};

/* Reads the plan from `descriptor`; a plan that is not well-formed ends the process (see control.h). */
void read_plan(int descriptor, struct plan *plan);

#endif
