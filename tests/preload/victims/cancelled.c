/* SPDX-License-Identifier: MIT
 *
 * Threads that are cancelled while they block in accept, accept4 and connect must end, and leave no
 * descriptor behind. accept and connect are cancellation points. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int listener;
static pid_t waiting; /* the thread that is to be cancelled */

static void* accept_forever(void* four) {
  __atomic_store_n(&waiting, gettid(), __ATOMIC_SEQ_CST);
  for (;;) {
    const int fd =
        four ? accept4(listener, NULL, NULL, SOCK_CLOEXEC) : accept(listener, NULL, NULL);
    if (fd < 0) return "accept failed";
  }
}

/* Whether the thread sleeps in the kernel. */
static int sleeps(pid_t thread) {
  char path[64];
  char text[256] = "";
  snprintf(path, sizeof path, "/proc/self/task/%d/stat", thread);
  FILE* file = fopen(path, "r");
  if (!file) return 0;
  const size_t got = fread(text, 1, sizeof text - 1, file);
  fclose(file);
  text[got] = '\0';
  const char* state = strrchr(text, ')');
  return state && state[2] == 'S';
}

static int open_descriptors(void) {
  int count = 0;
  for (int fd = 0; fd < 256; ++fd) count += fcntl(fd, F_GETFD) >= 0;
  return count;
}

static void cancel_one(int four) {
  pthread_t thread;
  waiting = 0;
  pthread_create(&thread, NULL, accept_forever, four ? "four" : NULL);
  const struct timespec pause = {0, 2000000};
  do {
    nanosleep(&pause, NULL);
  } while (!__atomic_load_n(&waiting, __ATOMIC_SEQ_CST) || !sleeps(waiting));
  pthread_cancel(thread);
  void* result = NULL;
  pthread_join(thread, &result);
  printf("%s %s\n", four ? "accept4" : "accept",
         result == PTHREAD_CANCELED ? "cancelled" : (const char*)result);
}

int main(void) {
  alarm(60);
  listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET};
  if (bind(listener, (struct sockaddr*)&address, sizeof address) || listen(listener, 5)) return 1;
  const int before = open_descriptors();
  for (int i = 0; i < 5; ++i) {
    cancel_one(0);
    cancel_one(1);
  }
  printf("leaked %d\n", open_descriptors() - before);
  return 0;
}
