/* SPDX-License-Identifier: MIT
 *
 * A library whose constructor opens a socket; loaded behind libsockopt.so, it is initialised
 * before. */
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

__attribute__((constructor)) static void open_early(void) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  int idle = -1;
  socklen_t size = sizeof idle;
  getsockopt(fd, IPPROTO_TCP, 4, &idle, &size);
  dprintf(1, "early %d keepidle %d\n", fd, idle);
  close(fd);
}
