/* SPDX-License-Identifier: MIT
 *
 * A shim behind another one: in the middle of whatever the other does to a socket, it calls the
 * program's function `interrupted`, as a signal might. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/socket.h>

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static void interrupt(void) {
  void (*interrupted)(void) = (void (*)(void))dlsym(RTLD_DEFAULT, "interrupted");
  if (interrupted) interrupted();
}

int setsockopt(int fd, int level, int name, const void* value, socklen_t size) {
  interrupt();
  return NEXT(setsockopt)(fd, level, name, value, size);
}

int getsockopt(int fd, int level, int name, void* value, socklen_t* size) {
  interrupt();
  return NEXT(getsockopt)(fd, level, name, value, size);
}

int getsockname(int fd, struct sockaddr* address, socklen_t* size) {
  interrupt();
  return NEXT(getsockname)(fd, address, size);
}
