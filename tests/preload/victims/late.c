/* SPDX-License-Identifier: MIT
 *
 * A library that a program loads by itself, later, and that opens a socket for it. */
#include <netinet/in.h>
#include <sys/socket.h>

int late_keepidle(void) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  int idle = -1;
  socklen_t size = sizeof idle;
  getsockopt(fd, IPPROTO_TCP, 4, &idle, &size);
  return idle;
}
