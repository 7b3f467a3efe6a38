/* SPDX-License-Identifier: MIT
 *
 * Executes itself with a listener as standard input and two settings in the environment, and prints
 * the listener's backlog and keepidle. */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char** argv) {
  if (argc == 1) {
    const struct sockaddr_in address = {.sin_family = AF_INET};
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (const struct sockaddr*)&address, sizeof address) || listen(listener, 5) ||
        dup2(listener, 0) != 0) {
      return 1;
    }
    setenv("SOCKOPT_BACKLOG", "9", 1);
    setenv("SOCKOPT_KEEPIDLE", "61s", 1);
    execl("/proc/self/exe", argv[0], "again", (char*)NULL);
    return 1;
  }
  struct tcp_info info = {0};
  int idle = 0;
  socklen_t size = sizeof info;
  if (getsockopt(0, IPPROTO_TCP, TCP_INFO, &info, &size)) return 1;
  size = sizeof idle;
  if (getsockopt(0, IPPROTO_TCP, TCP_KEEPIDLE, &idle, &size)) return 1;
  printf("backlog %u keepidle %d\n", info.tcpi_sacked, idle);
  return 0;
}
