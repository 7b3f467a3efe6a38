// SPDX-License-Identifier: MIT
//
// A library whose constructor has threads make sockets, all at once, before the preloaded library
// is ready; and prints how many had the ZMQ_LINGER that EARLY_LINGER names.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <zmq.h>

enum { kThreads = 8 };

static pthread_barrier_t begin;
static int expected;

int early_is_linked = 1;

static void* make(void* found) {
  int linger = -2;
  size_t size = sizeof linger;
  void* context = zmq_ctx_new();
  pthread_barrier_wait(&begin);
  void* socket = zmq_socket(context, ZMQ_DEALER);
  zmq_getsockopt(socket, ZMQ_LINGER, &linger, &size);
  zmq_close(socket);
  zmq_ctx_term(context);
  *(int*)found = linger == expected;
  return NULL;
}

__attribute__((constructor)) static void make_sockets(void) {
  pthread_t threads[kThreads];
  int found[kThreads];
  int all = 0;
  const char* linger = getenv("EARLY_LINGER");
  expected = linger == NULL ? -1 : atoi(linger);
  pthread_barrier_init(&begin, NULL, kThreads);
  for (int i = 0; i < kThreads; ++i) pthread_create(&threads[i], NULL, make, &found[i]);
  for (int i = 0; i < kThreads; ++i) {
    pthread_join(threads[i], NULL);
    all += found[i];
  }
  printf("early: %d of %d\n", all, kThreads);
  fflush(stdout);
}
