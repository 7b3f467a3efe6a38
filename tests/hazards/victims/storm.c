/* SPDX-License-Identifier: MIT
 *
 * storm THREADS ROUNDS: threads that open, accept, duplicate, close and recycle descriptors all at
 * once. Each looks after its own sockets and counts what a socket lacks (61 s is asked for), what a
 * stranger was given, and what its own setting (30 s) came to. */
#define _GNU_SOURCE
#include <pthread.h>

#include "victim.h"

static int shared_listener;
static int rounds;
static pthread_barrier_t start;

static int sockets, accepted, own_settings;
static int lacking, strangers_touched, own_lost, failures;

#define COUNT(what) __atomic_add_fetch(&(what), 1, __ATOMIC_RELAXED)

static void expect_asked(int fd) {
  if (keepidle(fd) != 61) COUNT(lacking);
}

static int open_tcp(void) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) {
    COUNT(failures);
  } else {
    COUNT(sockets);
    expect_asked(fd);
  }
  return fd;
}

static void accept_from(int listener, int four) {
  const int client = dial(listener);
  const int fd = four ? accept4(listener, NULL, NULL, SOCK_NONBLOCK) : accept(listener, NULL, NULL);
  if (fd < 0) {
    COUNT(failures);
  } else {
    COUNT(accepted);
    expect_asked(fd);
  }
  close(client);
  close(fd);
}

static void open_and_duplicate(int round) {
  const int fd = open_tcp();
  if (round % 3 == 0) {
    if (set_keepidle(fd, 30) == 0) COUNT(own_settings);
  }
  const int copy = dup(fd);
  close(fd);
  const int udp = socket(AF_INET, SOCK_DGRAM, 0); /* mostly on the number just freed */
  if (int_option(udp, SOL_SOCKET, SO_PRIORITY) != 0) COUNT(strangers_touched);
  if (keepidle(copy) != (round % 3 == 0 ? 30 : 61)) COUNT(own_lost);
  dup2(udp, copy);
  close(udp);
  close(copy);
}

static void listen_for_itself(void) {
  const struct sockaddr_in address = loopback(1);
  const int fd = open_tcp();
  if (bind(fd, (const struct sockaddr*)&address, sizeof address) || listen(fd, 5)) COUNT(failures);
  accept_from(fd, 0);
  close(fd);
}

static void* run(void* number) {
  pthread_barrier_wait(&start);
  for (int round = 0; round < rounds; ++round) {
    open_and_duplicate(round + (int)(long)number);
    accept_from(shared_listener, round & 1);
    if (round % 4 == 0) listen_for_itself();
  }
  return NULL;
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  alarm(kPatienceSeconds);
  const long count = strtol(argv[1], NULL, 10);
  rounds = (int)strtol(argv[2], NULL, 10);
  shared_listener = listen_on(1, 1024);
  COUNT(sockets);
  expect_asked(shared_listener);
  pthread_barrier_init(&start, NULL, (unsigned)count);
  pthread_t* threads = calloc((size_t)count, sizeof *threads);
  for (long i = 0; i < count; ++i) {
    if (pthread_create(threads + i, NULL, run, (void*)i)) die("pthread_create");
  }
  for (long i = 0; i < count; ++i) pthread_join(threads[i], NULL);
  tell("sockets", "%d", sockets);
  tell("accepted", "%d", accepted);
  tell("own-settings", "%d", own_settings);
  tell("lacking", "%d", lacking);
  tell("strangers-touched", "%d", strangers_touched);
  tell("own-lost", "%d", own_lost);
  tell("failures", "%d", failures);
  tell("descriptors", "%d", open_descriptors());
  return 0;
}
