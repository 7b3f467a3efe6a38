/* SPDX-License-Identifier: MIT
 *
 * A filter for all threads, with no instruction in it, is refused; then a socket is opened. */
#define _GNU_SOURCE
#include "filter.h"

int main(void) {
  const struct sock_fprog empty = {0, NULL};
  errno = kSentinel;
  const long result =
      syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &empty);
  tell("filter", "%ld errno %d", result, errno);
  tell("socket", "%d", keepidle(socket(AF_INET, SOCK_STREAM, 0)));
  return 0;
}
