/* SPDX-License-Identifier: MIT
 *
 * SUBJECTS_THREADS threads that accept at the same time, each from a listener of its own, so that
 * what they share is the preloaded library and the table of descriptors. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "subjects.h"

struct worker {
  pthread_t thread;
  int listener;
  struct address address;
  int* fds;
  int* others;
};

static long count;
static long each; /* connections of a thread */
static struct worker* workers;
static pthread_barrier_t start;
static pthread_barrier_t end;

static void* work(void* argument) {
  struct worker* self = argument;
  for (;;) {
    pthread_barrier_wait(&start);
    for (long i = 0; i < each; ++i) {
      self->fds[i] = accept4(self->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    }
    pthread_barrier_wait(&end);
  }
  return NULL;
}

static void begin(void) {
  count = number_of("SUBJECTS_THREADS", 1);
  each = operations / count;
  workers = calloc((size_t)count, sizeof *workers);
  if (workers == NULL) fail("calloc");
  pthread_barrier_init(&start, NULL, (unsigned)count + 1);
  pthread_barrier_init(&end, NULL, (unsigned)count + 1);
  for (struct worker* worker = workers; worker < workers + count; ++worker) {
    worker->listener = open_listener(&worker->address, 0);
    worker->fds = calloc((size_t)each, sizeof *worker->fds);
    worker->others = calloc((size_t)each, sizeof *worker->others);
    if (worker->fds == NULL || worker->others == NULL) fail("calloc");
    errno = pthread_create(&worker->thread, NULL, work, worker);
    if (errno != 0) fail("pthread_create");
  }
}

static void fill_queues(void) {
  for (struct worker* worker = workers; worker < workers + count; ++worker) {
    connect_directly(worker->others, each, &worker->address);
  }
}

static void accept_all(void) {
  pthread_barrier_wait(&start);
  pthread_barrier_wait(&end);
}

static void close_all(void) {
  for (struct worker* worker = workers; worker < workers + count; ++worker) {
    for (long i = 0; i < each; ++i) {
      errno = EBADF;
      if (worker->fds[i] < 0) fail("accept4");
    }
    close_directly(worker->others, each);
    close_directly(worker->fds, each);
  }
}

const struct subject kThreaded[] = {
    {"accept-threads", begin, fill_queues, accept_all, close_all},
    {NULL, NULL, NULL, NULL, NULL},
};
