/* SPDX-License-Identifier: MIT
 *
 * Calls on sockets to be counted, each stretch of them between two marks: `stretches NAME`.
 * A mark is a signal that a process takes no notice of and a tracer does. Every stretch is run once
 * before, so that what is done the first time only (binding symbols, touching pages) is behind. */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static pid_t self;
static int listener;
static struct sockaddr_in address; /* the listener's */

/* The same number of instructions at each call, known from the stretch without anything in it. */
static void mark(void) { kill(self, SIGURG); }

static void fail(const char* what) {
  perror(what);
  exit(1);
}

static void open_listener(void) {
  socklen_t size = sizeof address;
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  listener = socket(AF_INET, SOCK_STREAM, 0);
  if (listener < 0 || bind(listener, (struct sockaddr*)&address, size) != 0) fail("bind");
  if (listen(listener, 16) != 0) fail("listen");
  if (getsockname(listener, (struct sockaddr*)&address, &size) != 0) fail("getsockname");
}

static int connected(void) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0 || connect(fd, (struct sockaddr*)&address, sizeof address) != 0) fail("connect");
  return fd;
}

static void nothing(void) {
  mark();
  mark();
}

/* One accepted connection. */
static void accepts(void) {
  struct sockaddr_storage peer;
  socklen_t size = sizeof peer;
  const int client = connected();
  int fd;
  mark();
  fd = accept4(listener, (struct sockaddr*)&peer, &size, SOCK_CLOEXEC);
  mark();
  if (fd < 0) fail("accept4");
  close(fd);
  close(client);
}

static void drop(int client) {
  const int fd = accept(listener, NULL, NULL);
  if (client < 0 || fd < 0) fail("accept");
  close(fd);
  close(client);
}

/* A client that leaves its options to somebody else. */
static void connects(void) {
  int fd;
  int result;
  mark();
  fd = socket(AF_INET, SOCK_STREAM, 0);
  result = connect(fd, (struct sockaddr*)&address, sizeof address);
  mark();
  if (result != 0) fail("connect");
  drop(fd);
}

/* A client that sets six itself, as somebody would write it who has its source. */
static void sets_and_connects(void) {
  const int on = 1;
  const int idle = 60;
  const int interval = 10;
  const int count = 5;
  const int timeout = 120000;
  int fd;
  int result;
  mark();
  fd = socket(AF_INET, SOCK_STREAM, 0);
  if (setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on) != 0) fail("SO_KEEPALIVE");
  if (setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle) != 0) fail("TCP_KEEPIDLE");
  if (setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval) != 0) {
    fail("TCP_KEEPINTVL");
  }
  if (setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count) != 0) fail("TCP_KEEPCNT");
  if (setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout, sizeof timeout) != 0) {
    fail("TCP_USER_TIMEOUT");
  }
  if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) fail("TCP_NODELAY");
  result = connect(fd, (struct sockaddr*)&address, sizeof address);
  mark();
  if (result != 0) fail("connect");
  drop(fd);
}

static void opens_and_closes(int domain, int type) {
  int fd;
  mark();
  fd = socket(domain, type, 0);
  close(fd);
  mark();
  if (fd < 0) fail("socket");
}
static void udp(void) { opens_and_closes(AF_INET, SOCK_DGRAM); }
static void udp6(void) { opens_and_closes(AF_INET6, SOCK_DGRAM); }
static void unix_stream(void) { opens_and_closes(AF_UNIX, SOCK_STREAM); }

int main(int argc, char** argv) {
  static const struct {
    const char* name;
    void (*run)(void);
  } kStretches[] = {{"nothing", nothing},
                    {"accepts", accepts},
                    {"connects", connects},
                    {"sets and connects", sets_and_connects},
                    {"udp", udp},
                    {"udp6", udp6},
                    {"unix", unix_stream}};
  self = getpid();
  open_listener();
  for (size_t i = 0; argc == 2 && i < sizeof kStretches / sizeof *kStretches; ++i) {
    if (strcmp(argv[1], kStretches[i].name) != 0) continue;
    kStretches[i].run();
    kStretches[i].run();
    return 0;
  }
  return 2;
}
