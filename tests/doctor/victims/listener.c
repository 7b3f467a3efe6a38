/* SPDX-License-Identifier: MIT
 *
 * A server that listens and does nothing else, in plain C, so that every compiler and C library can
 * make it: dynamic, static, with musl, with AddressSanitizer. */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void) {
  struct sockaddr_in local;
  memset(&local, 0, sizeof local);
  local.sin_family = AF_INET;
  local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0 || bind(fd, (struct sockaddr*)&local, sizeof local) != 0 || listen(fd, 5) != 0) {
    perror("listener");
    return 1;
  }
  puts("ready");
  fflush(stdout);
  for (;;) pause();
}
