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
  __atomic_add_fetch(&sockets, 1, __ATOMIC_RELAXED);
  return NEXT(socket)(domain, type, protocol);
}
int bind(int fd, const struct sockaddr* address, socklen_t size) {
  __atomic_add_fetch(&binds, 1, __ATOMIC_RELAXED);
  return NEXT(bind)(fd, address, size);
}
int listen(int fd, int backlog) {
  __atomic_add_fetch(&listens, 1, __ATOMIC_RELAXED);
  return NEXT(listen)(fd, backlog);
}
int connect(int fd, const struct sockaddr* address, socklen_t size) {
  __atomic_add_fetch(&connects, 1, __ATOMIC_RELAXED);
  return NEXT(connect)(fd, address, size);
}
int accept(int fd, struct sockaddr* address, socklen_t* size) {
  __atomic_add_fetch(&accepts, 1, __ATOMIC_RELAXED);
  return NEXT(accept)(fd, address, size);
}
int accept4(int fd, struct sockaddr* address, socklen_t* size, int flags) {
  __atomic_add_fetch(&accept4s, 1, __ATOMIC_RELAXED);
  return NEXT(accept4)(fd, address, size, flags);
}
int setsockopt(int fd, int level, int name, const void* value, socklen_t size) {
  __atomic_add_fetch(&sets, 1, __ATOMIC_RELAXED);
  return NEXT(setsockopt)(fd, level, name, value, size);
}
#if __SIZEOF_POINTER__ == 4
int __setsockopt64(int fd, int level, int name, const void* value, socklen_t size) {
  ++sets;
  return NEXT(__setsockopt64)(fd, level, name, value, size);
}
#endif

__attribute__((destructor)) static void tell(void) {
  dprintf(1, "counted socket %d bind %d listen %d connect %d accept %d accept4 %d setsockopt %d\n",
          sockets, binds, listens, connects, accepts, accept4s, sets);
}
