/* SPDX-License-Identifier: MIT
 *
 * `storm COUNT IDLE`: so many children at once, of which each makes a listener and a connection to
 * it. Exits with 0 if all their sockets have this TCP_KEEPIDLE; else says how many have not. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int has(int fd, int idle) {
  int value = 0;
  socklen_t length = sizeof value;
  return getsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &value, &length) == 0 && value == idle;
}

static int make_sockets(int idle) {
  struct sockaddr_in local;
  socklen_t length = sizeof local;
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  const int client = socket(AF_INET, SOCK_STREAM, 0);
  memset(&local, 0, sizeof local);
  local.sin_family = AF_INET;
  local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, (struct sockaddr*)&local, sizeof local) != 0 || listen(listener, 5) != 0 ||
      getsockname(listener, (struct sockaddr*)&local, &length) != 0 ||
      connect(client, (struct sockaddr*)&local, sizeof local) != 0) {
    return 0;
  }
  return has(listener, idle) && has(client, idle) && has(accept(listener, NULL, NULL), idle);
}

int main(int argc, char** argv) {
  const int count = argc > 2 ? atoi(argv[1]) : 0;
  int wrong = 0, status = 0;
  for (int i = 0; i < count; ++i) {
    const pid_t child = fork();
    if (child == 0) _exit(make_sockets(atoi(argv[2])) ? 0 : 1);
    if (child < 0) ++wrong;
  }
  while (wait(&status) > 0) wrong += status != 0;
  if (wrong != 0) printf("%d of %d are wrong\n", wrong, count);
  return wrong != 0 || count == 0;
}
