// SPDX-License-Identifier: MIT
//
// A program that listens, connects to itself and accepts in each way there is, and prints what its
// sockets hold and what its calls answered, as `NAME VALUE` lines. It is plain C, so that every C
// library and architecture can have it; it knows nothing of the library.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int listener;
static struct sockaddr_in place;

static void fail(const char* what) {
  perror(what);
  exit(1);
}

static void say(const char* name, long value) {
  printf("%s %ld\n", name, value);
  fflush(stdout);
}

static int option(int fd, int level, int name) {
  int value = -1;
  socklen_t length = sizeof value;
  if (getsockopt(fd, level, name, &value, &length) != 0) fail("getsockopt");
  return value;
}

static int idle(int fd) { return option(fd, IPPROTO_TCP, TCP_KEEPIDLE); }

static int connected(void) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0 || connect(fd, (struct sockaddr*)&place, sizeof place) != 0) fail("connect");
  return fd;
}

static void listen_somewhere(void) {
  socklen_t length = sizeof place;
  place.sin_family = AF_INET;
  place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  errno = 4242;
  listener = socket(AF_INET, SOCK_STREAM, 0);
  say("errno-after-socket", errno);
  if (bind(listener, (struct sockaddr*)&place, sizeof place) != 0) fail("bind");
  if (listen(listener, 5) != 0) fail("listen");
  if (getsockname(listener, (struct sockaddr*)&place, &length) != 0) fail("getsockname");
  struct tcp_info info = {0};
  length = sizeof info;
  if (getsockopt(listener, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) fail("TCP_INFO");
  say("backlog", info.tcpi_sacked);
  say("listener", idle(listener));
}

static void accept_in_each_way(void) {
  struct sockaddr_in peer;
  socklen_t length = sizeof peer;
  int client = connected();
  say("client", idle(client));
  int fd = accept(listener, (struct sockaddr*)&peer, &length);
  if (fd < 0) fail("accept");
  say("peer-is-known", length == sizeof peer && peer.sin_addr.s_addr == place.sin_addr.s_addr);
  say("accepted", idle(fd));
  say("accepted-keepalive", option(fd, SOL_SOCKET, SO_KEEPALIVE));
  close(fd);
  close(client);
  client = connected();
  fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
  if (fd < 0) fail("accept4");
  say("accepted-by-accept4", idle(fd));
  close(fd);
  close(client);
}

static void set_its_own(void) {
  int own = 30;
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  say("set", setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &own, sizeof own));
  if (connect(fd, (struct sockaddr*)&place, sizeof place) != 0) fail("connect");
  say("own", idle(fd));
  // A time is where C libraries of 32 bits have two kinds of each structure.
  struct timeval limit = {.tv_sec = 5};
  struct timeval held = {.tv_sec = 0};
  socklen_t length = sizeof held;
  if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) != 0) fail("SO_RCVTIMEO");
  if (getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &held, &length) != 0) fail("SO_RCVTIMEO");
  say("own-time-limit", (long)held.tv_sec);
  close(fd);
  close(accept(listener, NULL, NULL));
}

static void fail_as_ever(void) {
  say("listen-on-none", listen(-1, 5));
  say("listen-on-none-errno", errno);
  say("accept-on-none", accept(-1, NULL, NULL));
  say("accept-on-none-errno", errno);
  say("bad-option", setsockopt(listener, IPPROTO_TCP, 200, &listener, sizeof listener));
  say("bad-option-errno", errno);
}

// Functions that take what they are called with in `...`.
static void pass_arguments_on(void) {
  char name[16] = "";
  prctl(PR_SET_NAME, "portable");
  prctl(PR_GET_NAME, name);
  say("prctl", strcmp(name, "portable") == 0);
  say("syscall", syscall(SYS_getpid) == getpid());
#ifdef SYS_mmap2
  const long map = SYS_mmap2;
#else
  const long map = SYS_mmap;
#endif
  long memory = syscall(map, 0L, 4096L, (long)(PROT_READ | PROT_WRITE),
                        (long)(MAP_PRIVATE | MAP_ANONYMOUS), -1L, 0L);
  if (memory == -1) fail("mmap");
  memset((void*)memory, 1, 4096);
  say("syscall-of-six-arguments", *(char*)memory);
  say("failed-syscall", syscall(SYS_close, -1L));
  say("failed-syscall-errno", errno);
}

static void* wait_for_nobody(void* unused) {
  (void)unused;
  close(accept(listener, NULL, NULL));
  return NULL;
}

static void cancel_a_wait(void) {
  pthread_t thread;
  void* result = NULL;
  if (pthread_create(&thread, NULL, wait_for_nobody, NULL) != 0) fail("pthread_create");
  if (pthread_cancel(thread) != 0) fail("pthread_cancel");
  alarm(60);  // the wait for a thread that cannot be cancelled has no end
  pthread_join(thread, &result);
  alarm(0);
  say("cancelled", result == PTHREAD_CANCELED);
}

static void accept_in_a_child(void) {
  int client = connected();
  pid_t child = fork();
  if (child == 0) {
    int fd = accept(listener, NULL, NULL);
    say("accepted-by-a-child", idle(fd));
    _exit(0);
  }
  waitpid(child, NULL, 0);
  close(client);
}

int main(void) {
  listen_somewhere();
  accept_in_each_way();
  set_its_own();
  fail_as_ever();
  pass_arguments_on();
  accept_in_a_child();
  cancel_a_wait();
  return 0;
}
