/* SPDX-License-Identifier: MIT
 *
 * Threads whose cancellation comes up within a socket call, after the kernel has done what was
 * asked (libraries/cancelling.c sees to that). The call must come back with its result, or the
 * descriptor it made is lost. And a thread that blocks in connect, which must end. */
#define _GNU_SOURCE
#include <pthread.h>

#include "victim.h"

static int listener;
static volatile int returned;

static void* do_socket(void* unused) {
  returned = socket(AF_INET, SOCK_STREAM, 0);
  pthread_testcancel();
  return unused;
}

static void* do_accept(void* unused) {
  returned = accept(listener, NULL, NULL);
  pthread_testcancel();
  return unused;
}

static void* do_accept4(void* unused) {
  returned = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
  pthread_testcancel();
  return unused;
}

static void* do_connect(void* unused) {
  static int fd;
  fd = (int)syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
  returned = -1;
  if (connect_to(fd, listener) == 0) returned = fd;
  pthread_testcancel();
  return unused;
}

static void* do_listen(void* unused) {
  const int fd = (int)syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
  returned = -1;
  if (listen(fd, 5) == 0) returned = fd;
  pthread_testcancel();
  return unused;
}

static void perform(const char* name, void* (*call)(void*)) {
  pthread_t thread;
  void* result = NULL;
  returned = -2; /* the call never came back */
  const int before = open_descriptors();
  pthread_create(&thread, NULL, call, NULL);
  pthread_join(thread, &result);
  tell(name, "%s %s", returned >= 0 ? "returned" : "lost",
       result == PTHREAD_CANCELED ? "cancelled" : "went on");
  if (returned >= 0) close(returned);
  tell("leaked", "%d", open_descriptors() - before);
}

static pid_t waiting;

static void* connect_forever(void* full) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  __atomic_store_n(&waiting, gettid(), __ATOMIC_SEQ_CST);
  connect_to(fd, *(int*)full);
  return NULL;
}

static void block_in_connect(void) {
  const struct sockaddr_in address = loopback(1);
  int full = (int)syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
  syscall(SYS_bind, full, &address, sizeof address);
  syscall(SYS_listen, full, 0);
  dial(full); /* the queue of one is full; nothing answers the next */
  pthread_t thread;
  void* result = NULL;
  pthread_create(&thread, NULL, connect_forever, &full);
  int waited = 0;
  while (!__atomic_load_n(&waiting, __ATOMIC_SEQ_CST) || !is_asleep(waiting)) {
    if (!pause_a_moment(&waited)) die("the thread does not block");
  }
  pthread_cancel(thread);
  pthread_join(thread, &result);
  tell("blocked", "%s", result == PTHREAD_CANCELED ? "cancelled" : "went on");
}

int main(int argc, char** argv) {
  (void)argv;
  alarm(kPatienceSeconds);
  if (argc > 1) {
    block_in_connect();
    return 0;
  }
  listener = listen_on(1, 5);
  dial(listener);
  dial(listener);
  perform("socket", do_socket);
  perform("accept", do_accept);
  perform("accept4", do_accept4);
  perform("connect", do_connect);
  perform("listen", do_listen);
  return 0;
}
