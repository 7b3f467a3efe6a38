/* SPDX-License-Identifier: MIT
 *
 * Calls on sockets to be counted, each stretch of them between two marks: `stretches NAME`.
 * A mark is a signal that a process takes no notice of and a tracer does. Every stretch is run once
 * before, so that what is done the first time only (binding symbols, touching pages) is behind. */
#define _GNU_SOURCE
#include <fcntl.h>
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
static int other_listener;         /* of another family */
static struct sockaddr_storage other_address;
static socklen_t other_size;

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

static void open_other_listener(int family, socklen_t size) {
  struct sockaddr* generic = (struct sockaddr*)&other_address;
  generic->sa_family = (sa_family_t)family; /* the kernel chooses the rest */
  other_listener = socket(family, SOCK_STREAM, 0);
  if (other_listener < 0 || bind(other_listener, generic, size) != 0) fail("bind");
  if (listen(other_listener, 16) != 0) fail("listen");
  other_size = sizeof other_address;
  if (getsockname(other_listener, generic, &other_size) != 0) fail("getsockname");
}

static int connected_to_other(void) {
  const int fd = socket(other_address.ss_family, SOCK_STREAM, 0);
  if (fd < 0 || connect(fd, (struct sockaddr*)&other_address, other_size) != 0) fail("connect");
  return fd;
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

/* One accepted connection, whose peer's address is wanted here. */
static void accept_into(int queue, int client, struct sockaddr_storage* peer, socklen_t* size) {
  int fd;
  *size = sizeof *peer;
  mark();
  fd = accept4(queue, (struct sockaddr*)peer, size, SOCK_CLOEXEC);
  mark();
  if (fd < 0) fail("accept4");
  close(fd);
  close(client);
}

static void accept_from(int queue, int client) {
  struct sockaddr_storage peer;
  socklen_t size;
  accept_into(queue, client, &peer, &size);
}

static void accepts(void) { accept_from(listener, connected()); }

/* As a server has them that keeps them with its connections. */
static void accepts_to_heap(void) {
  struct sockaddr_storage* peer = malloc(sizeof *peer);
  socklen_t* size = malloc(sizeof *size);
  accept_into(listener, connected(), peer, size);
  free(size);
  free(peer);
}

static void accepts_other(int family, socklen_t size) {
  if (other_listener == 0) open_other_listener(family, size);
  accept_from(other_listener, connected_to_other());
}
static void accepts6(void) { accepts_other(AF_INET6, sizeof(struct sockaddr_in6)); }
static void accepts_unix(void) { accepts_other(AF_UNIX, sizeof(sa_family_t)); }

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

/* The same with the address where most programs have it. */
static void connects_from_stack(void) {
  struct sockaddr_in copy;
  int fd;
  int result;
  memcpy(&copy, &address, sizeof copy);
  mark();
  fd = socket(AF_INET, SOCK_STREAM, 0);
  result = connect(fd, (struct sockaddr*)&copy, sizeof copy);
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

/* As a resolver does. */
static void udp_connects(void) {
  struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons(9)};
  int fd;
  int result;
  peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  mark();
  fd = socket(AF_INET, SOCK_DGRAM, 0);
  result = connect(fd, (struct sockaddr*)&peer, sizeof peer);
  close(fd);
  mark();
  if (result != 0) fail("connect");
}

static void pipes(void) {
  int ends[2];
  int result;
  mark();
  result = pipe(ends);
  close(ends[0]);
  close(ends[1]);
  mark();
  if (result != 0) fail("pipe");
}

static void files(void) {
  int fd;
  mark();
  fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  close(fd);
  mark();
  if (fd < 0) fail("/dev/null");
}

int main(int argc, char** argv) {
  static const struct {
    const char* name;
    void (*run)(void);
  } kStretches[] = {{"nothing", nothing},
                    {"accepts", accepts},
                    {"accepts to the heap", accepts_to_heap},
                    {"accepts6", accepts6},
                    {"accepts unix", accepts_unix},
                    {"connects", connects},
                    {"connects from the stack", connects_from_stack},
                    {"sets and connects", sets_and_connects},
                    {"udp", udp},
                    {"udp6", udp6},
                    {"udp connects", udp_connects},
                    {"unix", unix_stream},
                    {"pipe", pipes},
                    {"file", files}};
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
