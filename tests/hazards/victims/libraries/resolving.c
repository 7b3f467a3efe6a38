/* SPDX-License-Identifier: MIT
 *
 * A library, or a part of a program, with a function that is chosen when it is loaded, by asking
 * the kernel through one of libc's functions: before the libraries in front of it are ready. */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static int asked(void) {
#if defined(ASKS_PRCTL)
  return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) >= 0;
#elif defined(ASKS_SYSCALL)
  return syscall(SYS_getpid) > 0;
#elif defined(ASKS_SYSCALL_OF_SIX)
  return syscall(SYS_mmap, 0L, 1L, 0L, 0x22L, -1L, 0L) != -1; /* MAP_PRIVATE | MAP_ANONYMOUS */
#elif defined(ASKS_SYSCALL_IN_VAIN)
  return syscall(SYS_close, -1L) == -1;
#else
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  const int on = 1;
  const struct sockaddr_in address = {.sin_family = AF_INET};
  return fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on) == 0 &&
         bind(fd, (const struct sockaddr*)&address, sizeof address) == 0 && listen(fd, 5) == 0 &&
         connect(-1, (const struct sockaddr*)&address, sizeof address) == -1 &&
         accept(-1, 0, 0) == -1 && accept4(-1, 0, 0, 0) == -1 && close(fd) == 0;
#endif
}

static int yes(void) { return 1; }
static int no(void) { return 0; }
static int (*choose(void))(void) { return asked() ? yes : no; }

static int chosen(void) __attribute__((ifunc("choose")));
int answer_of_the_resolver(void);
int answer_of_the_resolver(void) { return chosen(); }
