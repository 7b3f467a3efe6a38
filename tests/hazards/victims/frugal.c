/* SPDX-License-Identifier: MIT
 *
 * frugal: makes every socket call, and tells how often the library has allocated anything by then
 * (libraries/watching.c has counted that). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

#include "victim.h"

int main(void) {
  alarm(kPatienceSeconds);
  const int listener = listen_on(1, 5);
  const int client = socket(AF_INET6, SOCK_STREAM, 0);
  set_keepidle(client, 30);
  connect_to(socket(AF_INET, SOCK_STREAM, 0), listener);
  dial(listener);
  const int first = accept(listener, NULL, NULL);
  const int second = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
  uintptr_t (*watched)(void) = (uintptr_t(*)(void))dlsym(RTLD_DEFAULT, "watched");
  int (*calls)(void) = (int (*)(void))dlsym(RTLD_DEFAULT, "watched_calls");
  if (!watched || !calls) die("nobody watches");
  tell("watched", "%s", watched() ? "yes" : "no");
  tell("calls", "%d", calls());
  tell("accepted", "%d %d", keepidle(first), keepidle(second));
  return 0;
}
