/* SPDX-License-Identifier: MIT
 *
 * seccomp_filter CALL: a program that installs a seccomp filter, which allows everything, and opens
 * a socket before and after. CALL is how: `prctl`, `number`, which is prctl by its
 * number, or `seccomp`, which has only a number. Prints the idle time of either socket. */
#define _GNU_SOURCE
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static int keepidle_of_a_new_socket(void) {
  int value = -1;
  socklen_t size = sizeof value;
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  getsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &value, &size);
  close(fd);
  return value;
}

static long install_filter(const char* call) {
  struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  const struct sock_fprog program = {1, &allow};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) return -1;
  if (!strcmp(call, "prctl")) return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
  if (!strcmp(call, "number")) {
    return syscall(SYS_prctl, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
  }
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const int before = keepidle_of_a_new_socket();
  if (install_filter(argv[1])) {
    perror(argv[1]);
    return 1;
  }
  printf("%d %d\n", before, keepidle_of_a_new_socket());
  return 0;
}
