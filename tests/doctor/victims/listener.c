/* SPDX-License-Identifier: MIT
 *
 * A server that listens and does nothing else, in plain C, so that every compiler and C library can
 * make it: dynamic, static, with musl, with AddressSanitizer. With an argument it writes over its
 * environment, as daemons do that put what they are at into the list of processes. */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

extern char** environ;

int main(int argc, char** argv) {
  (void)argv;
  for (char** variable = environ; argc > 1 && *variable != NULL; ++variable) {
    memset(*variable, 0, strlen(*variable));
  }
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
