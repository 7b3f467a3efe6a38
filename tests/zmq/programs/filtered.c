// SPDX-License-Identifier: MIT
//
// A program that a filter of its own kills for prctl(PR_GET_SECCOMP), and that makes a socket then.
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <zmq.h>

int main(void) {
  struct sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prctl, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PR_GET_SECCOMP, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
    return 2;
  }
  int linger = -2;
  size_t size = sizeof linger;
  void* socket = zmq_socket(zmq_ctx_new(), ZMQ_DEALER);
  zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger);  // which libzmq refuses
  zmq_getsockopt(socket, ZMQ_LINGER, &linger, &size);
  printf("linger %d\n", linger);
  fflush(stdout);
  _Exit(0);
}
