/* SPDX-License-Identifier: MIT
 *
 * A library that means libc's functions, in a program that means another library's. */
#include "../victim.h"

int opens_sockets(void);
int opens_sockets(void) {
  const int listener = listen_on(1, 5);
  const int client = socket(AF_INET, SOCK_STREAM, 0);
  if (connect_to(client, listener)) die("connect");
  tell("listener", "%d", keepidle(listener));
  tell("client", "%d", keepidle(client));
  return listener;
}
