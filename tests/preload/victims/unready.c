/* SPDX-License-Identifier: MIT
 *
 * A shim that finds the functions behind its own when it is initialized, and crashes if it is
 * called before. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <sys/socket.h>

typedef int Setsockopt(int fd, int level, int name, const void* value, socklen_t size);
typedef int Listen(int fd, int backlog);

static Setsockopt* next_setsockopt;
static Listen* next_listen;
static int calls;

__attribute__((constructor)) static void begin(void) {
  next_setsockopt = (Setsockopt*)dlsym(RTLD_NEXT, "setsockopt");
  next_listen = (Listen*)dlsym(RTLD_NEXT, "listen");
}

__attribute__((destructor)) static void end(void) { dprintf(1, "unready setsockopt %d\n", calls); }

int setsockopt(int fd, int level, int name, const void* value, socklen_t size) {
  ++calls;
  return next_setsockopt(fd, level, name, value, size);
}

int listen(int fd, int backlog) { return next_listen(fd, backlog); }
