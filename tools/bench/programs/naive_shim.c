/* SPDX-License-Identifier: MIT
 *
 * What is compared with: a shim as it is often written, which sets six options on each
 * accepted socket. It asks dlsym once only, and so costs little more than its system calls. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

static int (*next_accept)(int, struct sockaddr*, socklen_t*);
static int (*next_accept4)(int, struct sockaddr*, socklen_t*, int);

__attribute__((constructor)) static void start(void) {
  next_accept = (__typeof__(next_accept))dlsym(RTLD_NEXT, "accept");
  next_accept4 = (__typeof__(next_accept4))dlsym(RTLD_NEXT, "accept4");
}

static void set(int fd, int level, int name, int value) {
  setsockopt(fd, level, name, &value, sizeof value);
}

static int prepared(int fd) {
  if (fd < 0) return fd;
  set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set(fd, IPPROTO_TCP, TCP_KEEPIDLE, 60);
  set(fd, IPPROTO_TCP, TCP_KEEPINTVL, 10);
  set(fd, IPPROTO_TCP, TCP_KEEPCNT, 5);
  set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 120000);
  set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  return fd;
}

int accept(int fd, struct sockaddr* address, socklen_t* length) {
  return prepared(next_accept(fd, address, length));
}

int accept4(int fd, struct sockaddr* address, socklen_t* length, int flags) {
  return prepared(next_accept4(fd, address, length, flags));
}
