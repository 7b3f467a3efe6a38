/* SPDX-License-Identifier: MIT
 *
 * Another shim: it asks a server of its own, over a new socket, before it sets an option or
 * listens.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/socket.h>
#include <unistd.h>

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int setsockopt(int fd, int level, int name, const void* value, socklen_t size) {
  close(socket(AF_INET, SOCK_STREAM, 0));
  return NEXT(setsockopt)(fd, level, name, value, size);
}
int listen(int fd, int backlog) {
  close(socket(AF_INET, SOCK_STREAM, 0));
  return NEXT(listen)(fd, backlog);
}
#if __SIZEOF_POINTER__ == 4
int __setsockopt64(int fd, int level, int name, const void* value, socklen_t size) {
  close(socket(AF_INET, SOCK_STREAM, 0));
  return NEXT(__setsockopt64)(fd, level, name, value, size);
}
#endif
