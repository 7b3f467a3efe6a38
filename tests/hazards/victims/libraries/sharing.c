/* SPDX-License-Identifier: MIT
 *
 * A shim behind another one: each time that it sets an option with success, errno changes all the
 * same, as it does where a child that shares its parent's memory has a call fail just then. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <sys/socket.h>

int setsockopt(int fd, int level, int name, const void* value, socklen_t size) {
  int (*next)(int, int, int, const void*, socklen_t) =
      (int (*)(int, int, int, const void*, socklen_t))dlsym(RTLD_NEXT, "setsockopt");
  const int result = next(fd, level, name, value, size);
  if (result == 0) errno = ENOTNAM; /* of nobody's calls */
  return result;
}
