/* SPDX-License-Identifier: MIT
 *
 * A 32-bit program that a 64-bit service starts: prints how wide its pointers are, and whether a
 * new socket of its has keepalive. Without the compiler's start files, which ask for a younger C
 * library than its functions do. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

__attribute__((force_align_arg_pointer)) void _start(void) {
  int keepalive = -1;
  socklen_t size = sizeof keepalive;
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  getsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &keepalive, &size);
  printf("%d bits %d\n", (int)sizeof(void*) * 8, keepalive);
  exit(0);
}
