/* SPDX-License-Identifier: MIT
 *
 * Built with a sanitizer: threads that allocate and serve. Its sanitizer must find nothing, and
 * must have been there. */
#define _GNU_SOURCE
#include <pthread.h>

#include "victim.h"

static int failures;

static void* serve(void* unused) {
  for (int i = 0; i < 20; ++i) {
    char* text = malloc(64);
    const int listener = listen_on(1, 5);
    const int client = dial(listener);
    const int fd = accept(listener, NULL, NULL);
    const int out = socket(AF_INET, SOCK_STREAM, 0);
    if (connect_to(out, listener)) __atomic_add_fetch(&failures, 1, __ATOMIC_RELAXED);
    snprintf(text, 64, "%d", keepidle(fd));
    if (strcmp(text, "61") || keepidle(out) != 61) {
      __atomic_add_fetch(&failures, 1, __ATOMIC_RELAXED);
    }
    close(out);
    close(fd);
    close(client);
    close(listener);
    free(text);
  }
  return unused;
}

int main(void) {
  pthread_t threads[4];
  alarm(2 * kPatienceSeconds);
  for (int i = 0; i < 4; ++i) pthread_create(threads + i, NULL, serve, NULL);
  for (int i = 0; i < 4; ++i) pthread_join(threads[i], NULL);
  tell("failures", "%d", failures);
  return 0;
}
