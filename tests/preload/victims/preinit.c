/* SPDX-License-Identifier: MIT
 *
 * The earliest that a program can open a socket: before any library's constructor has run. */
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>

static int listener = -1;

static void before_everything(void) { listener = socket(AF_INET, SOCK_STREAM, 0); }

__attribute__((section(".preinit_array"),
               used)) static void (*const preinit)(void) = before_everything;

int main(void) {
  struct sockaddr_in address = {.sin_family = AF_INET};
  int idle = -1;
  socklen_t size = sizeof idle;
  if (bind(listener, (struct sockaddr*)&address, sizeof address) || listen(listener, 5)) return 1;
  getsockopt(listener, IPPROTO_TCP, 4, &idle, &size);
  printf("listener %d keepidle %d\n", listener, idle);
  return 0;
}
