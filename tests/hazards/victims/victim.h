/* SPDX-License-Identifier: MIT
 *
 * What the victims share. A victim is a program that knows nothing of the library, does something
 * awkward, and tells what came of it in lines `FACT VALUE`; what the values ought to be is the
 * test's affair. Clients are made by bare system calls: no shim touches them. */
#ifndef SOCKOPT_TESTS_HAZARDS_VICTIM_H
#define SOCKOPT_TESTS_HAZARDS_VICTIM_H

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { kSentinel = 4242, kPatienceSeconds = 60 };

static inline void tell(const char* fact, const char* format, ...) {
  char line[512];
  int size = snprintf(line, sizeof line, "%s ", fact);
  va_list arguments;
  va_start(arguments, format);
  size += vsnprintf(line + size, sizeof line - (size_t)size - 1, format, arguments);
  va_end(arguments);
  line[size++] = '\n';
  if (write(STDOUT_FILENO, line, (size_t)size) != size) _exit(98);
}

static inline void die(const char* what) {
  tell("failed", "%s: %s", what, strerror(errno));
  _exit(99);
}

/* The program's option as the kernel has it; -1 where it cannot be read. */
static inline int int_option(int fd, int level, int name) {
  int value = 0;
  socklen_t size = sizeof value;
  return getsockopt(fd, level, name, &value, &size) == 0 ? value : -1;
}

static inline int keepidle(int fd) { return int_option(fd, IPPROTO_TCP, TCP_KEEPIDLE); }

static inline int set_keepidle(int fd, int value) {
  return setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &value, sizeof value);
}

/* 127.0.0.1, or another address of that network: loopback(2) is 127.0.0.2. */
static inline struct sockaddr_in loopback(unsigned last) {
  struct sockaddr_in address = {.sin_family = AF_INET};
  address.sin_addr.s_addr = htonl(0x7f000000U | last);
  return address;
}

static inline struct sockaddr_in local_address(int fd) {
  struct sockaddr_in address = {0};
  socklen_t size = sizeof address;
  if (getsockname(fd, (struct sockaddr*)&address, &size)) die("getsockname");
  return address;
}

static inline int listen_on(unsigned last, int backlog) {
  const struct sockaddr_in address = loopback(last);
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0) die("socket");
  if (bind(fd, (const struct sockaddr*)&address, sizeof address)) die("bind");
  if (listen(fd, backlog)) die("listen");
  return fd;
}

static inline int connect_to(int fd, int listener) {
  const struct sockaddr_in address = local_address(listener);
  return connect(fd, (const struct sockaddr*)&address, sizeof address);
}

/* A client that no shim sees. */
static inline int dial(int listener) {
  const struct sockaddr_in address = local_address(listener);
  const int fd = (int)syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
  if (fd < 0) die("client's socket");
  if (syscall(SYS_connect, fd, &address, sizeof address)) die("client's connect");
  return fd;
}

static inline int open_descriptors(void) {
  int count = 0;
  for (int fd = 0; fd < 1024; ++fd) count += fcntl(fd, F_GETFD) >= 0;
  return count;
}

/* Whether a thread of this process sleeps in the kernel. */
static inline int is_asleep(pid_t thread) {
  char path[64];
  char text[256] = "";
  snprintf(path, sizeof path, "/proc/self/task/%d/stat", thread);
  const int file = open(path, O_RDONLY);
  const ssize_t got = read(file, text, sizeof text - 1);
  close(file);
  const char* state = got > 0 ? strrchr(text, ')') : NULL;
  return state && state[2] == 'S';
}

/* An adverb for loops that wait for something: true until the patience is over. */
static inline int pause_a_moment(int* waited) {
  const struct timespec moment = {0, 1000000};
  nanosleep(&moment, NULL);
  return ++*waited < kPatienceSeconds * 1000;
}

#endif
