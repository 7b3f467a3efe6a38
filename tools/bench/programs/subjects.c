/* SPDX-License-Identifier: MIT
 *
 * The calls that are measured, in a program that knows nothing of who is preloaded into it:
 *
 *     subjects SUBJECT FAMILY OPERATIONS CLOCK [ROUNDS]
 *
 * A round prepares, takes the time of OPERATIONS operations, prints how long they took altogether,
 * and tidies up.  Without ROUNDS the three are commands on standard input (`p`, `r`, `t`), each
 * answered by a line, so that whoever compares several programs can let them take turns.
 *
 * CLOCK is `ns`; `cpu`, the nanoseconds of processor time; `tsc`, the processor's counter, which
 * under qemu -icount is the number of instructions; or `mark`, a signal that only a tracer takes
 * notice of.
 *
 * What is not measured makes its system calls directly, past every preloaded library. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

extern char** environ;

static long operations;
static int* fds;    /* one for each operation */
static int* others; /* the same, for their other ends */
static int domain;
static int protocol;
static int listener = -1;
static struct sockaddr_storage address; /* the listener's */
static socklen_t address_size;
static const char* spawned; /* the program that `start` starts */

static void fail(const char* what) {
  fprintf(stderr, "subjects: %s: %s\n", what, strerror(errno));
  exit(1);
}


static unsigned long long time_by(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (unsigned long long)now.tv_sec * 1000000000ULL + (unsigned long long)now.tv_nsec;
}

static unsigned long long nanoseconds(void) { return time_by(CLOCK_MONOTONIC); }
static unsigned long long processor_time(void) { return time_by(CLOCK_PROCESS_CPUTIME_ID); }

static unsigned long long counter(void) {
#ifdef __x86_64__
  return __builtin_ia32_rdtsc();
#else
  return nanoseconds();
#endif
}

static pid_t own_pid;
static unsigned long long mark(void) {
  kill(own_pid, SIGURG);
  return 0;
}

/* Six options, as somebody would write it who has the source. */
static void set(int fd, int level, int name, int value) {
  if (setsockopt(fd, level, name, &value, sizeof value) != 0) fail("setsockopt");
}

static inline void set_six(int fd) {
  set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set(fd, IPPROTO_TCP, TCP_KEEPIDLE, 60);
  set(fd, IPPROTO_TCP, TCP_KEEPINTVL, 10);
  set(fd, IPPROTO_TCP, TCP_KEEPCNT, 5);
  set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 120000);
  set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
}

static void open_listener(int with_six) {
  /* Whoever closes last resets the connection, so that none stays behind in TIME-WAIT. */
  static const struct linger kReset = {1, 0};
  if (domain == AF_INET6) {
    struct sockaddr_in6* in6 = (struct sockaddr_in6*)&address;
    in6->sin6_family = AF_INET6;
    in6->sin6_addr = in6addr_loopback;
    address_size = sizeof *in6;
  } else {
    struct sockaddr_in* in = (struct sockaddr_in*)&address;
    in->sin_family = AF_INET;
    in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address_size = sizeof *in;
  }
  listener = socket(domain, SOCK_STREAM | SOCK_CLOEXEC, protocol);
  if (listener < 0) fail("socket");
  if (with_six) set_six(listener);
  setsockopt(listener, SOL_SOCKET, SO_LINGER, &kReset, sizeof kReset);
  if (bind(listener, (struct sockaddr*)&address, address_size) != 0) fail("bind");
  if (listen(listener, 4096) != 0) fail("listen");
  if (getsockname(listener, (struct sockaddr*)&address, &address_size) != 0) fail("getsockname");
}

static void open_plain_listener(void) { open_listener(0); }
static void open_own_listener(void) { open_listener(1); }

static void close_all(int* list) {
  for (long i = 0; i < operations; ++i) syscall(SYS_close, list[i]);
}

/* A queue of connections that wait to be accepted. */
static void fill_queue(void) {
  for (long i = 0; i < operations; ++i) {
    others[i] = (int)syscall(SYS_socket, domain, SOCK_STREAM, IPPROTO_TCP);
    if (others[i] < 0) fail("socket");
    if (syscall(SYS_connect, others[i], &address, address_size) != 0) fail("connect");
  }
}

static void accept_all(void) {
  for (long i = 0; i < operations; ++i) {
    struct sockaddr_storage peer;
    socklen_t size = sizeof peer;
    fds[i] = accept4(listener, (struct sockaddr*)&peer, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
  }
}

static void set_all_accepted(void) {
  accept_all();
  for (long i = 0; i < operations; ++i) set_six(fds[i]);
}

static void close_accepted(void) {
  for (long i = 0; i < operations; ++i) {
    if (fds[i] < 0) {
      errno = EBADF;
      fail("accept4");
    }
  }
  close_all(others);
  close_all(fds);
}

static inline void connect_one(void (*own)(int)) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  own(fd);
  if (connect(fd, (struct sockaddr*)&address, address_size) != 0) fail("connect");
  close(fd);
}
static inline void set_none(int fd) { (void)fd; }
static void connect_all(void) {
  for (long i = 0; i < operations; ++i) connect_one(set_none);
}
static void set_and_connect_all(void) {
  for (long i = 0; i < operations; ++i) connect_one(set_six);
}

/* Their ends at the listener, all of them reset. */
static void drop_queue(void) {
  for (long i = 0; i < operations; ++i) {
    const int fd = (int)syscall(SYS_accept4, listener, NULL, NULL, 0);
    if (fd < 0) fail("accept4");
    syscall(SYS_close, fd);
  }
}

static void nothing(void) {}

static void open_and_close_all(int family, int type) {
  for (long i = 0; i < operations; ++i) close(socket(family, type, 0));
}
static void udp_all(void) { open_and_close_all(domain, SOCK_DGRAM); }
static void unix_all(void) { open_and_close_all(AF_UNIX, SOCK_STREAM); }

static void pipe_all(void) {
  for (long i = 0; i < operations; ++i) {
    int ends[2];
    if (pipe(ends) != 0) fail("pipe");
    close(ends[0]);
    close(ends[1]);
  }
}

static void file_all(void) {
  for (long i = 0; i < operations; ++i) close(open("/dev/null", O_RDONLY | O_CLOEXEC));
}

/* A connected UDP socket, as a resolver uses it. */
static void udp_connect_all(void) {
  struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons(9)};
  peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  for (long i = 0; i < operations; ++i) {
    const int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (connect(fd, (struct sockaddr*)&peer, sizeof peer) != 0) fail("connect");
    close(fd);
  }
}

static struct sockaddr_storage unix_address;
static socklen_t unix_size;
static void open_unix_listener(void) {
  struct sockaddr* any = (struct sockaddr*)&unix_address;
  any->sa_family = AF_UNIX;
  unix_size = sizeof any->sa_family; /* the kernel chooses the name */
  listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0 || bind(listener, any, unix_size) != 0) fail("bind");
  if (listen(listener, 4096) != 0) fail("listen");
  unix_size = sizeof unix_address;
  if (getsockname(listener, any, &unix_size) != 0) fail("getsockname");
}
static void fill_unix_queue(void) {
  for (long i = 0; i < operations; ++i) {
    others[i] = (int)syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0);
    if (syscall(SYS_connect, others[i], &unix_address, unix_size) != 0) fail("connect");
  }
}

static void start_all(void) {
  char* const argv[] = {(char*)spawned, NULL};
  for (long i = 0; i < operations; ++i) {
    pid_t pid;
    int status;
    if (posix_spawn(&pid, spawned, NULL, NULL, argv, environ) != 0) fail(spawned);
    if (waitpid(pid, &status, 0) != pid || status != 0) fail("waitpid");
  }
}

static const struct subject {
  const char* name;
  void (*begin)(void); /* once */
  void (*prepare)(void);
  void (*run)(void); /* what is measured */
  void (*tidy)(void);
} kSubjects[] = {
    {"accept", open_plain_listener, fill_queue, accept_all, close_accepted},
    {"accept-own-listener", open_own_listener, fill_queue, accept_all, close_accepted},
    {"accept-own-each", open_plain_listener, fill_queue, set_all_accepted, close_accepted},
    {"client", open_plain_listener, nothing, connect_all, drop_queue},
    {"client-own", open_plain_listener, nothing, set_and_connect_all, drop_queue},
    {"udp", nothing, nothing, udp_all, nothing},
    {"udp-connect", nothing, nothing, udp_connect_all, nothing},
    {"unix", nothing, nothing, unix_all, nothing},
    {"unix-accept", open_unix_listener, fill_unix_queue, accept_all, close_accepted},
    {"pipe", nothing, nothing, pipe_all, nothing},
    {"file", nothing, nothing, file_all, nothing},
    {"start", nothing, nothing, start_all, nothing},
    {"nothing", nothing, nothing, nothing, nothing},
};

static unsigned long long time_of(const struct subject* subject, unsigned long long (*now)(void)) {
  const unsigned long long begin = now();
  subject->run();
  return now() - begin;
}

static void allow_many_descriptors(void) {
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char** argv) {
  const struct subject* subject = NULL;
  unsigned long long (*now)(void) = nanoseconds;
  char line[16];
  if (argc < 5) return 2;
  for (size_t i = 0; i < sizeof kSubjects / sizeof *kSubjects; ++i) {
    if (strcmp(argv[1], kSubjects[i].name) == 0) subject = &kSubjects[i];
  }
  domain = strcmp(argv[2], "ipv6") == 0 ? AF_INET6 : AF_INET;
  if (strcmp(argv[2], "mptcp") == 0) protocol = IPPROTO_MPTCP;
  operations = strtol(argv[3], NULL, 10);
  if (strcmp(argv[4], "cpu") == 0) now = processor_time;
  if (strcmp(argv[4], "tsc") == 0) now = counter;
  if (strcmp(argv[4], "mark") == 0) now = mark;
  own_pid = getpid();
  spawned = getenv("SUBJECTS_START");
  if (subject == NULL || operations < 1) return 2;

  allow_many_descriptors();
  fds = calloc((size_t)operations, sizeof *fds);
  others = calloc((size_t)operations, sizeof *others);
  if (fds == NULL || others == NULL) fail("calloc");
  subject->begin();
  if (argc > 5) {
    for (long rounds = strtol(argv[5], NULL, 10); rounds > 0; --rounds) {
      subject->prepare();
      printf("%llu\n", time_of(subject, now));
      subject->tidy();
    }
    return 0;
  }
  while (fgets(line, sizeof line, stdin) != NULL) {
    unsigned long long taken = 0;
    if (line[0] == 'p') subject->prepare();
    if (line[0] == 'r') taken = time_of(subject, now);
    if (line[0] == 't') subject->tidy();
    printf("%llu\n", taken);
    fflush(stdout);
  }
  return 0;
}
