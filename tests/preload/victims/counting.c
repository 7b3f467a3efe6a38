/* SPDX-License-Identifier: MIT
 *
 * Another shim: it counts the calls that come through it, and tells at the end. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <sys/socket.h>

static int sockets, binds, listens, connects, accepts, accept4s, sets;

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int socket(int domain, int type, int protocol) {
  ++sockets;
  return NEXT(socket)(domain, type, protocol);
}
int bind(int fd, const struct sockaddr* address, socklen_t size) {
  ++binds;
  return NEXT(bind)(fd, address, size);
}
int listen(int fd, int backlog) {
  ++listens;
  return NEXT(listen)(fd, backlog);
}
int connect(int fd, const struct sockaddr* address, socklen_t size) {
  ++connects;
  return NEXT(connect)(fd, address, size);
}
int accept(int fd, struct sockaddr* address, socklen_t* size) {
  ++accepts;
  return NEXT(accept)(fd, address, size);
}
int accept4(int fd, struct sockaddr* address, socklen_t* size, int flags) {
  ++accept4s;
  return NEXT(accept4)(fd, address, size, flags);
}
int setsockopt(int fd, int level, int name, const void* value, socklen_t size) {
  ++sets;
  return NEXT(setsockopt)(fd, level, name, value, size);
}

__attribute__((destructor)) static void tell(void) {
  dprintf(1, "counted socket %d bind %d listen %d connect %d accept %d accept4 %d setsockopt %d\n",
          sockets, binds, listens, connects, accepts, accept4s, sets);
}
