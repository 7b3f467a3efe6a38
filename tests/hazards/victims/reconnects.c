/* SPDX-License-Identifier: MIT
 *
 * reconnects: dissolves a connection (connect to AF_UNSPEC), by which the kernel resets some
 * options, and connects again with the same socket. */
#define _GNU_SOURCE
#include "victim.h"

static void tell_options(const char* when, int fd) {
  char fact[64];
  snprintf(fact, sizeof fact, "%s-rto_min_us", when);
  tell(fact, "%d", int_option(fd, IPPROTO_TCP, 45));
  snprintf(fact, sizeof fact, "%s-window_clamp", when);
  tell(fact, "%d", int_option(fd, IPPROTO_TCP, TCP_WINDOW_CLAMP));
  snprintf(fact, sizeof fact, "%s-keepidle", when);
  tell(fact, "%d", keepidle(fd));
}

int main(void) {
  alarm(kPatienceSeconds);
  const int listener = listen_on(2, 16);
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  set_keepidle(fd, 30);
  for (int i = 0; i < 2; ++i) {
    const struct sockaddr none = {.sa_family = AF_UNSPEC};
    tell("connect", "%d", connect_to(fd, listener));
    tell_options(i == 0 ? "first" : "second", fd);
    if (i == 0) {
      errno = kSentinel;
      tell("dissolve", "%d", connect(fd, &none, sizeof none));
      tell("errno", "%d", errno);
    }
  }
  return 0;
}
