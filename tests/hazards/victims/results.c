/* SPDX-License-Identifier: MIT
 *
 * results KIND: every socket call failing in every way that a program may meet, and what it
 * returned. `errors`: a seccomp filter answers the call. `pointers`: arguments that are no address.
 * `own-stack`: the same just above a stack.
 * `signals`: interrupted. `full`: no descriptor left. `constant`: values that must not be written
 * to. */
#define _GNU_SOURCE
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <ucontext.h>

#include "victim.h"

typedef int Call(int fd);

static struct sockaddr_in target;

static int call_socket(int fd) { return (void)fd, socket(AF_INET, SOCK_STREAM, 0); }
static int call_bind(int fd) {
  const struct sockaddr_in address = loopback(1);
  return bind(fd, (const struct sockaddr*)&address, sizeof address);
}
static int call_listen(int fd) { return listen(fd, 5); }
static int call_connect(int fd) {
  return connect(fd, (const struct sockaddr*)&target, sizeof target);
}
static int call_accept(int fd) { return accept(fd, NULL, NULL); }
static int call_accept4(int fd) { return accept4(fd, NULL, NULL, SOCK_CLOEXEC); }
static int call_setsockopt(int fd) { return set_keepidle(fd, 30); }

static const struct {
  const char* name;
  Call* call;
  int number;
  int on_listener;
} kCalls[] = {
    {"socket", call_socket, SYS_socket, 0},
    {"bind", call_bind, SYS_bind, 0},
    {"listen", call_listen, SYS_listen, 0},
    {"connect", call_connect, SYS_connect, 0},
    {"accept", call_accept, SYS_accept, 1},
    {"accept4", call_accept4, SYS_accept4, 1},
    {"setsockopt", call_setsockopt, SYS_setsockopt, 0},
};

enum { kCallCount = sizeof kCalls / sizeof *kCalls };

static const int kErrors[] = {EINTR,  EMFILE, ENFILE,      EAGAIN,      ECONNABORTED,  EPROTO,
                              EPERM,  EACCES, ENOBUFS,     ENOMEM,      EADDRINUSE,    ECONNREFUSED,
                              ENOSYS, EFAULT, ENOTSOCK,    EBADF,       EADDRNOTAVAIL, EISCONN,
                              EINVAL, ENODEV, ENETUNREACH, EINPROGRESS, ETIMEDOUT,     EALREADY};

static void answer(int number, int error) {
  struct sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)number, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)error),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) die("no_new_privs");
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0)) die("seccomp");
}

/* Runs the rest in a child, so that a filter or a crash ends with it. */
static int in_child(const char* fact) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(kPatienceSeconds / 3);
    return 1;
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) tell(fact, "signal %d", WTERMSIG(status));
  return 0;
}

static void tell_call(const char* fact, int result) {
  tell(fact, "%d errno %d", result < 0 ? result : 0, errno);
}

static void fail_in_every_way(int listener) {
  for (size_t call = 0; call < kCallCount; ++call) {
    for (size_t i = 0; i < sizeof kErrors / sizeof *kErrors; ++i) {
      char fact[64];
      snprintf(fact, sizeof fact, "%s-%d", kCalls[call].name, kErrors[i]);
      if (!in_child(fact)) continue;
      const int fd = kCalls[call].on_listener ? listener : socket(AF_INET, SOCK_STREAM, 0);
      answer(kCalls[call].number, kErrors[i]);
      errno = kSentinel;
      tell_call(fact, kCalls[call].call(fd));
      tell_call(fact, kCalls[call].call(fd)); /* and again */
      _exit(0);
    }
  }
}

/* Addresses that are none, and lengths that lie. */
static void point_nowhere(int listener) {
  char* pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  char* forbidden = pages + 4096;
  mprotect(forbidden, 4096, PROT_NONE);
  char* gone = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(gone, 4096);
  char* read_only = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  /* As much of an address as lies before the forbidden page: a family, or half of one. */
  target.sin_family = AF_INET;
  target.sin_port = htons(9); /* not by chance a length that is negative */
  const struct {
    const char* name;
    char* at;
  } places[] = {
      {"null", NULL},
      {"one", (char*)1},
      {"last", (char*)-1},
      {"kernel", (char*)0xffff800000000000UL},
      {"forbidden", forbidden},
      {"gone", gone},
      {"family-only", memcpy(forbidden - 2, &target, 2)},
      {"half", memcpy(forbidden - 8, &target, 8)},
      {"half-a-family", forbidden - 1},
      {"read-only", read_only},
  };
  static const socklen_t kSizes[] = {0, 1, 2, 15, 16, 28, 128, 129, 0x7fffffff, 0xffffffff};
  for (size_t i = 0; i < sizeof places / sizeof *places; ++i) {
    struct sockaddr* at = (struct sockaddr*)places[i].at;
    for (size_t size = 0; size < sizeof kSizes / sizeof *kSizes; ++size) {
      char fact[64];
#define TRY(call, expression)                                               \
  snprintf(fact, sizeof fact, call "-%s-%u", places[i].name, kSizes[size]); \
  if (in_child(fact)) {                                                     \
    const int fd = socket(AF_INET, SOCK_STREAM, 0);                         \
    errno = kSentinel;                                                      \
    tell_call(fact, (expression) + 0 * fd);                                 \
    _exit(0);                                                               \
  }
      TRY("bind", bind(fd, at, kSizes[size]))
      TRY("connect", connect(fd, at, kSizes[size]))
      TRY("setsockopt", setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, at, kSizes[size]))
    }
    for (int kind = 0; kind < 3; ++kind) {
      /* accept with this for an address, for a length, and for both. */
      char fact[64];
      snprintf(fact, sizeof fact, "accept-%s-%d", places[i].name, kind);
      const int client = dial(listener);
      if (in_child(fact)) {
        struct sockaddr_storage storage;
        socklen_t size = sizeof storage;
        errno = kSentinel;
        tell_call(fact, accept(listener, kind == 1 ? (struct sockaddr*)&storage : at,
                               kind == 0 ? &size : (socklen_t*)at));
        _exit(0);
      }
      close(client);
      /* Whoever failed may have left the connection in the queue. */
      struct pollfd queue = {listener, POLLIN, 0};
      while (poll(&queue, 1, 0) > 0) close(accept(listener, NULL, NULL));
    }
  }
  static const int kNumbers[] = {-1, INT_MIN, INT_MAX, 1 << 20, 1 << 30};
  for (size_t i = 0; i < sizeof kNumbers / sizeof *kNumbers; ++i) {
    for (size_t call = 1; call < kCallCount; ++call) {
      char fact[64];
      snprintf(fact, sizeof fact, "%s-on-%d", kCalls[call].name, kNumbers[i]);
      errno = kSentinel;
      tell_call(fact, kCalls[call].call(kNumbers[i]));
    }
  }
}

/* An address that was good when it was used first, and is gone when it is used again. */
static void use_after_unmapping(void) {
  char* page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  const struct sockaddr_in local = loopback(1);
  memcpy(page, &target, sizeof target);
  memcpy(page + 64, &local, sizeof local);
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  connect(fd, (struct sockaddr*)page, sizeof target);
  bind(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr*)(page + 64), sizeof local);
  mprotect(page, 4096, PROT_NONE);
  if (in_child("connect")) {
    errno = kSentinel;
    tell_call("connect", connect(fd, (struct sockaddr*)page, sizeof target));
    _exit(0);
  }
  if (in_child("bind")) {
    const int other = socket(AF_INET, SOCK_STREAM, 0);
    errno = kSentinel;
    tell_call("bind", bind(other, (struct sockaddr*)(page + 64), sizeof local));
    _exit(0);
  }
}

/* setsockopt(2) takes a pointer to const: to a page that cannot be written, and to a variable. */
static void pass_constants(int listener) {
  int* page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  *page = 9;
  mprotect(page, 4096, PROT_READ);
  int variable = 9;
  const int client = dial(listener);
  const int fds[] = {listener, accept(listener, NULL, NULL), socket(AF_INET, SOCK_STREAM, 0)};
  for (size_t i = 0; i < sizeof fds / sizeof *fds; ++i) {
    errno = kSentinel;
    tell_call("page", setsockopt(fds[i], IPPROTO_TCP, TCP_KEEPCNT, page, sizeof *page));
    tell_call("variable", setsockopt(fds[i], IPPROTO_TCP, TCP_KEEPCNT, &variable, sizeof variable));
    tell("set", "%d", int_option(fds[i], IPPROTO_TCP, TCP_KEEPCNT));
  }
  tell("passed", "%d %d", *page, variable);
  close(client);
}

static void ignore(int number) { (void)number; }

/* SIGALRM again and again, in case that it comes before the call blocks. */
static void interrupt(int listener) {
  struct sigaction action = {.sa_handler = ignore};
  sigaction(SIGALRM, &action, NULL);
  timer_t timer;
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
  const struct itimerspec often = {{0, 20000000}, {0, 20000000}};
  if (timer_create(CLOCK_MONOTONIC, &event, &timer) || timer_settime(timer, 0, &often, NULL)) {
    die("timer");
  }
  errno = kSentinel;
  tell_call("accept", accept(listener, NULL, NULL));
  errno = kSentinel;
  tell_call("accept4", accept4(listener, NULL, NULL, 0));
  const struct sockaddr_in address = loopback(1);
  const int full = (int)syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
  syscall(SYS_bind, full, &address, sizeof address);
  syscall(SYS_listen, full, 0);
  const int first = (int)syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
  target = local_address(full);
  while (syscall(SYS_connect, first, &target, sizeof target) && errno == EINTR) {
  }
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  errno = kSentinel;
  tell_call("connect", call_connect(fd));
}

/* The connection stays in the queue meanwhile, and loses nothing. */
static void run_out_of_descriptors(int listener) {
  const int client = dial(listener);
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  struct rlimit low = limit;
  low.rlim_cur = (rlim_t)client + 1;
  setrlimit(RLIMIT_NOFILE, &low);
  errno = kSentinel;
  tell_call("accept", accept(listener, NULL, NULL));
  errno = kSentinel;
  tell_call("accept4", accept4(listener, NULL, NULL, 0));
  errno = kSentinel;
  tell_call("socket", socket(AF_INET, SOCK_STREAM, 0));
  setrlimit(RLIMIT_NOFILE, &limit);
  errno = kSentinel;
  const int fd = accept(listener, NULL, NULL);
  tell_call("later", fd);
  tell("keepidle", "%d", keepidle(fd));
}

/* A stack of the program's own, with a page above it that is nobody's: an address that begins or
 * ends there is as near to the callers' frames as theirs are. */
static char* stack_end;

static void call_near_the_end(void) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  for (int offset = -24; offset < 3000; offset += 8) {
    char fact[64];
    const struct sockaddr* at = (const struct sockaddr*)(stack_end + offset);
    snprintf(fact, sizeof fact, "at-%d", offset);
    errno = kSentinel;
    tell_call(fact, bind(fd, at, sizeof(struct sockaddr_in)));
    tell_call(fact, connect(fd, at, sizeof(struct sockaddr_in6)));
    tell_call(fact, setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, at, sizeof(int)));
  }
}

static void use_own_stack(void) {
  enum { kSize = 65536 };
  static ucontext_t mine, other;
  char* stack = mmap(NULL, 2 * kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  stack_end = stack + kSize;
  mprotect(stack_end, kSize, PROT_NONE);
  getcontext(&other);
  other.uc_stack.ss_sp = stack;
  other.uc_stack.ss_size = kSize;
  other.uc_link = &mine;
  makecontext(&other, call_near_the_end, 0);
  swapcontext(&mine, &other);
}

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const int listener = listen_on(1, 5);
  target = local_address(listener);
  if (!strcmp(argv[1], "errors")) fail_in_every_way(listener);
  if (!strcmp(argv[1], "pointers")) point_nowhere(listener);
  if (!strcmp(argv[1], "gone")) use_after_unmapping();
  if (!strcmp(argv[1], "signals")) interrupt(listener);
  if (!strcmp(argv[1], "constant")) pass_constants(listener);
  if (!strcmp(argv[1], "own-stack")) use_own_stack();
  if (!strcmp(argv[1], "full")) run_out_of_descriptors(listener);
  return 0;
}
