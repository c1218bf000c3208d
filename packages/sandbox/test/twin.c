/*
 * Twins of a Node process: copies of its memory with the same process id, as clones of a snapshot are. Only for tests, and
 * only for what needs no other thread, because a twin has none.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct napi_env_s *napi_env;
typedef struct napi_value_s *napi_value;
typedef struct napi_callback_info_s *napi_callback_info;

int napi_create_function(napi_env, const char *, size_t, napi_value (*)(napi_env, napi_callback_info), void *, napi_value *);
int napi_set_named_property(napi_env, napi_value, const char *, napi_value);
int napi_create_int32(napi_env, int32_t, napi_value *);

/* V8 has its memory left out of forks. */
static void include_all_memory(void) {
  FILE *maps = fopen("/proc/self/maps", "r");
  char line[4096];
  unsigned long start, end;
  while (maps != NULL && fgets(line, sizeof line, maps) != NULL)
    if (sscanf(line, "%lx-%lx", &start, &end) == 2) madvise((void *)start, end - start, MADV_DOFORK);
  if (maps != NULL) fclose(maps);
}

/* 0 in the twin, which is the first process of a new namespace; its parent goes on once that has ended. */
static napi_value twin(napi_env env, napi_callback_info info) {
  (void)info;
  napi_value result;
  include_all_memory();
  long pid = syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0);
  if (pid > 0) waitpid((pid_t)pid, NULL, 0);
  return napi_create_int32(env, (int32_t)pid, &result) == 0 ? result : NULL;
}

static napi_value leave(napi_env env, napi_callback_info info) {
  (void)env;
  (void)info;
  _exit(0);
}

napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  napi_value function;
  if (napi_create_function(env, "twin", strlen("twin"), twin, NULL, &function) == 0)
    napi_set_named_property(env, exports, "twin", function);
  if (napi_create_function(env, "leave", strlen("leave"), leave, NULL, &function) == 0)
    napi_set_named_property(env, exports, "leave", function);
  return exports;
}
