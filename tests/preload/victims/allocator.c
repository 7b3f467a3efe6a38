/* SPDX-License-Identifier: MIT
 *
 * An allocator that opens and closes a socket of its own in every call, as one with a tracker may:
 * whoever allocates while it finds or calls the real socket function is caught in a circle. */
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

extern void* __libc_malloc(size_t size);

static __thread int inside __attribute__((tls_model("initial-exec")));

void* malloc(size_t size) {
  if (!inside) {
    inside = 1;
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd >= 0) close(fd);
    inside = 0;
  }
  return __libc_malloc(size);
}
