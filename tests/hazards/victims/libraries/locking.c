/* SPDX-License-Identifier: MIT
 *
 * A shim behind another one: when it is first asked to set an option, another thread installs a
 * seccomp filter for all, which kills for any further call on options. It counts what comes. */
#define _GNU_SOURCE
#include <pthread.h>

#include "../filter.h"

static const int kForbidden[] = {SYS_setsockopt, SYS_getsockopt, SYS_getsockname, SYS_getpeername};
static int calls;

static void* lock(void* unused) {
  install_filter("tsync", kForbidden, sizeof kForbidden / sizeof *kForbidden,
                 SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_ALLOW);
  return unused;
}

int setsockopt(int fd, int level, int name, const void* value, socklen_t size) {
  pthread_t thread;
  (void)fd, (void)level, (void)name, (void)value, (void)size;
  if (++calls == 1) {
    if (pthread_create(&thread, NULL, lock, NULL)) die("thread");
    pthread_join(thread, NULL);
  }
  return 0;
}

__attribute__((destructor)) static void end(void) { tell("set", "%d", calls); }
