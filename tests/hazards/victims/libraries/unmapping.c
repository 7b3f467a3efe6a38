/* SPDX-License-Identifier: MIT
 *
 * A shim behind another one: what begins a page and was handed to the kernel is gone when the call
 * returns, as it is where another thread unmaps it while the call waits. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/socket.h>

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

enum { kPage = 4096 };

static int without(const void* address, int result) {
  if (address && (uintptr_t)address % kPage == 0) munmap((void*)(uintptr_t)address, kPage);
  return result;
}

int bind(int fd, const struct sockaddr* address, socklen_t size) {
  return without(address, NEXT(bind)(fd, address, size));
}

int connect(int fd, const struct sockaddr* address, socklen_t size) {
  return without(address, NEXT(connect)(fd, address, size));
}

int accept(int fd, struct sockaddr* address, socklen_t* size) {
  const int result = NEXT(accept)(fd, address, size);
  return without(size, without(address, result));
}

int accept4(int fd, struct sockaddr* address, socklen_t* size, int flags) {
  const int result = NEXT(accept4)(fd, address, size, flags);
  return without(size, without(address, result));
}

int setsockopt(int fd, int level, int name, const void* value, socklen_t size) {
  return without(value, NEXT(setsockopt)(fd, level, name, value, size));
}
