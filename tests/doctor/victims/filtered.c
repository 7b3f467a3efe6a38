/* SPDX-License-Identifier: MIT
 *
 * A server that installs a seccomp filter, which allows everything, between its
 * first listener and its second. */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* On a port of the kernel's choice. */
static int listens(void) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  return fd >= 0 && listen(fd, 5) == 0;
}

static int installs_filter(void) {
  struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  const struct sock_fprog program = {1, &allow};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

int main(void) {
  if (!listens() || !installs_filter() || !listens()) {
    perror("filtered");
    return 1;
  }
  puts("ready");
  fflush(stdout);
  for (;;) pause();
}
