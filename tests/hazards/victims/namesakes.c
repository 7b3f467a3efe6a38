/* SPDX-License-Identifier: MIT
 *
 * A program that has functions of its own called as libc's are: the loader binds to them what any
 * library calls by these names. They count their calls, and do not do what libc's do. Tells the
 * count, and the option of a socket. */
#define _GNU_SOURCE
#include <dlfcn.h>

#include "victim.h"

static int calls;

/* As a network stack in user space has them, or a program that was written without libc. */
#define NAMESAKE(name)                                    \
  long own_##name(long a, long b, long c) __asm__(#name); \
  long own_##name(long a, long b, long c) {               \
    (void)a, (void)b, (void)c;                            \
    ++calls;                                              \
    return 7;                                             \
  }

NAMESAKE(syscall)
NAMESAKE(getsockopt)
NAMESAKE(getsockname)
NAMESAKE(getpeername)
NAMESAKE(mmap)
NAMESAKE(munmap)
NAMESAKE(mprotect)
NAMESAKE(madvise)
NAMESAKE(getrlimit)
NAMESAKE(open)
NAMESAKE(openat)
NAMESAKE(read)
NAMESAKE(close)
NAMESAKE(poll)
NAMESAKE(fstat)
NAMESAKE(stat)
NAMESAKE(readlink)
NAMESAKE(getpid)
NAMESAKE(geteuid)
NAMESAKE(sigprocmask)
NAMESAKE(pthread_sigmask)
NAMESAKE(getenv)
NAMESAKE(inet_pton)
NAMESAKE(inet_ntop)
NAMESAKE(strtol)
NAMESAKE(qsort)
NAMESAKE(strdup)
NAMESAKE(strncpy)

typedef int Ask(int, int, int, void*, socklen_t*);

int main(void) {
  alarm(kPatienceSeconds);
  const struct sockaddr_in address = loopback(1);
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(fd, (const struct sockaddr*)&address, sizeof address)) die("bind");
  if (listen(fd, 5)) die("listen");
  int value = -1;
  socklen_t size = sizeof value;
  Ask* const ask = (Ask*)dlsym(RTLD_NEXT, "getsockopt");
  if (!ask || ask(fd, IPPROTO_TCP, TCP_KEEPIDLE, &value, &size)) die("getsockopt");
  tell("keepidle", "%d", value);
  tell("calls", "%d", calls);
  return 0;
}
