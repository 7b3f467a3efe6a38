/* SPDX-License-Identifier: MIT
 *
 * A library whose constructor opens the process's first socket where there is little stack: in a
 * handler on a signal stack of its own, and tells how deep that went; or, if SHALLOW is `thread`,
 * in a thread with the smallest stack that there may be. */
#define _GNU_SOURCE
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>

#include "../victim.h"

enum { kStack = 1 << 20, kPaint = 0xa5 };

static void open_one(void) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd >= 0) close(fd);
}

static void on_signal(int signal) {
  (void)signal;
  open_one();
}

static void* in_thread(void* unused) {
  open_one();
  return unused;
}

static void on_little_stack(void) {
  pthread_attr_t attributes;
  pthread_t thread;
  pthread_attr_init(&attributes);
  if (pthread_attr_setstacksize(&attributes, PTHREAD_STACK_MIN)) die("stack");
  if (pthread_create(&thread, &attributes, in_thread, NULL)) die("thread");
  pthread_join(thread, NULL);
}

static void on_painted_stack(void) {
  unsigned char* stack =
      mmap(NULL, kStack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memset(stack, kPaint, kStack);
  const stack_t place = {.ss_sp = stack, .ss_size = kStack};
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK};
  sigaltstack(&place, NULL);
  sigaction(SIGUSR1, &action, NULL);
  raise(SIGUSR1);
  int untouched = 0;
  while (untouched < kStack && stack[untouched] == kPaint) ++untouched;
  tell("stack", "%d", kStack - untouched);
}

__attribute__((constructor)) static void begin(void) {
  const char* kind = getenv("SHALLOW");
  if (!kind) return;
  if (strcmp(kind, "thread")) {
    on_painted_stack();
  } else {
    on_little_stack();
  }
}
