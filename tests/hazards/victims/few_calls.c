/* SPDX-License-Identifier: MIT
 *
 * A server and a client that make no system calls but those that they have to, and set no option.
 */
#define _GNU_SOURCE
#include "victim.h"

int main(void) {
  const struct sockaddr_in address = loopback(1);
  struct sockaddr_in nobody = loopback(1);
  nobody.sin_port = htons(1);
  errno = kSentinel;
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  tell("socket", "%d errno %d", listener, errno);
  tell("bind", "%d", bind(listener, (const struct sockaddr*)&address, sizeof address));
  tell("listen", "%d", listen(listener, 5));
  tell("accept", "%d errno %d", accept(listener, NULL, NULL), errno);
  tell("accept4", "%d errno %d", accept4(listener, NULL, NULL, SOCK_CLOEXEC), errno);
  const int client = socket(AF_INET, SOCK_STREAM, 0);
  tell("client", "%d", client);
  tell("connect", "%d errno %d", connect(client, (const struct sockaddr*)&nobody, sizeof nobody),
       errno);
  return close(client);
}
