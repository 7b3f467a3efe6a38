// SPDX-License-Identifier: MIT
//
// Many threads that make sockets, half of them in a context that all share, and then a child that
// makes its own. Prints how many sockets of each had the ZMQ_LINGER of the first argument.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

enum { kThreads = 8, kSockets = 25 };

static void* shared;
static int expected;
static int in_time[kThreads];

static int has_expected(void* context) {
  int linger = -2;
  size_t size = sizeof linger;
  void* socket = zmq_socket(context, ZMQ_DEALER);
  if (socket == NULL) return 0;
  zmq_getsockopt(socket, ZMQ_LINGER, &linger, &size);
  zmq_close(socket);
  return linger == expected;
}

static void* work(void* number) {
  int* count = number;
  for (int i = 0; i < kSockets; ++i) {
    void* own = zmq_ctx_new();
    *count += has_expected(shared) + has_expected(own);
    zmq_ctx_term(own);
  }
  return NULL;
}

int main(int argc, char** argv) {
  pthread_t threads[kThreads];
  if (argc < 2) return 2;
  expected = atoi(argv[1]);
  shared = zmq_ctx_new();
  for (int i = 0; i < kThreads; ++i) pthread_create(&threads[i], NULL, work, &in_time[i]);
  int all = 0;
  for (int i = 0; i < kThreads; ++i) {
    pthread_join(threads[i], NULL);
    all += in_time[i];
  }
  printf("threads: %d of %d\n", all, 2 * kThreads * kSockets);
  fflush(stdout);
  if (fork() == 0) {
    printf("child: %d\n", has_expected(zmq_ctx_new()));
    fflush(stdout);
    _exit(0);
  }
  wait(NULL);
  printf("parent: %d\n", has_expected(shared));
  return 0;
}
