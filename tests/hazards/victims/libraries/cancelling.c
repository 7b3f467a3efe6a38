/* SPDX-License-Identifier: MIT
 *
 * A shim behind another one: any thread but the first that sets an option is cancelled, there and
 * then. The cancellation stays pending until the thread comes to a cancellation point; whatever the
 * other shim still does after this is such a moment. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

int setsockopt(int fd, int level, int name, const void* value, socklen_t size) {
  int (*next)(int, int, int, const void*, socklen_t) =
      (int (*)(int, int, int, const void*, socklen_t))dlsym(RTLD_NEXT, "setsockopt");
  const int result = next(fd, level, name, value, size);
  if (gettid() != getpid()) pthread_cancel(pthread_self());
  return result;
}
