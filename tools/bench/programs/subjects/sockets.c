/* SPDX-License-Identifier: MIT
 *
 * Listeners, and connections to them that are not measured: they make their system calls past the
 * hooks of a preloaded library. */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "subjects.h"

static void set(int fd, int level, int name, int value) {
  if (setsockopt(fd, level, name, &value, sizeof value) != 0) fail("setsockopt");
}

void set_six(int fd) {
  set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set(fd, IPPROTO_TCP, TCP_KEEPIDLE, 60);
  set(fd, IPPROTO_TCP, TCP_KEEPINTVL, 10);
  set(fd, IPPROTO_TCP, TCP_KEEPCNT, 5);
  set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 120000);
  set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
}

int open_listener(struct address* address, int with_six) {
  static const struct linger kReset = {1, 0};
  struct sockaddr* generic = (struct sockaddr*)&address->storage;
  int listener;
  if (domain == AF_INET6) {
    struct sockaddr_in6* in6 = (struct sockaddr_in6*)generic;
    in6->sin6_family = AF_INET6;
    in6->sin6_addr = in6addr_loopback;
    address->size = sizeof *in6;
  } else {
    struct sockaddr_in* in = (struct sockaddr_in*)generic;
    in->sin_family = AF_INET;
    in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address->size = sizeof *in;
  }
  listener = socket(domain, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
  if (listener < 0) fail("socket");
  if (with_six) set_six(listener);
  setsockopt(listener, SOL_SOCKET, SO_LINGER, &kReset, sizeof kReset);
  if (bind(listener, generic, address->size) != 0) fail("bind");
  if (listen(listener, 4096) != 0) fail("listen");
  if (getsockname(listener, generic, &address->size) != 0) fail("getsockname");
  return listener;
}

void connect_directly(int* fds, long count, const struct address* address) {
  const struct sockaddr* generic = (const struct sockaddr*)&address->storage;
  const int kind = generic->sa_family == AF_UNIX ? 0 : protocol_of_clients;
  for (long i = 0; i < count; ++i) {
    fds[i] = (int)syscall(SYS_socket, generic->sa_family, SOCK_STREAM, kind);
    if (fds[i] < 0) fail("socket");
    if (syscall(SYS_connect, fds[i], generic, address->size) != 0) fail("connect");
  }
}

void close_directly(const int* fds, long count) {
  for (long i = 0; i < count; ++i) syscall(SYS_close, fds[i]);
}
