/* SPDX-License-Identifier: MIT
 *
 * A server that accepts and keeps whatever comes, and a client: it connects to itself once. Prints
 * `port N` when it listens. With an argument it forks first, and the child does it all. */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char** argv) {
  struct sockaddr_in local;
  socklen_t length = sizeof local;
  (void)argv;
  if (argc > 1 && fork() != 0) {
    for (;;) pause();
  }
  memset(&local, 0, sizeof local);
  local.sin_family = AF_INET;
  local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  const int client = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0 || bind(fd, (struct sockaddr*)&local, sizeof local) != 0 || listen(fd, 5) != 0 ||
      getsockname(fd, (struct sockaddr*)&local, &length) != 0 ||
      connect(client, (struct sockaddr*)&local, sizeof local) != 0) {
    perror("keeper");
    return 1;
  }
  printf("port %d\n", ntohs(local.sin_port));
  fflush(stdout);
  for (;;) accept(fd, NULL, NULL);
}
