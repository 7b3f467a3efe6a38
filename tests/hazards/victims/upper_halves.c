/* SPDX-License-Identifier: MIT
 *
 * A program whose registers hold something else above each number that it passes: a caller need not
 * clear what is above an int. */
#include "victim.h"

#if __SIZEOF_POINTER__ == 8
#define ABOVE(number) (0xdeadbeef00000000L | (unsigned)(number))
#else
#define ABOVE(number) (number)
#endif

long full_socket(long domain, long type, long protocol) __asm__("socket");
long full_bind(long fd, const void* address, long length) __asm__("bind");
long full_listen(long fd, long backlog) __asm__("listen");
long full_connect(long fd, const void* address, long length) __asm__("connect");
long full_accept(long fd, void* address, void* length) __asm__("accept");
long full_accept4(long fd, void* address, void* length, long flags) __asm__("accept4");
long full_setsockopt(long fd, long level, long name, const void* value,
                     long length) __asm__("setsockopt");

static int open_tcp(void) { return (int)full_socket(ABOVE(AF_INET), ABOVE(SOCK_STREAM), ABOVE(0)); }

int main(void) {
  alarm(kPatienceSeconds);
  const struct sockaddr_in address = loopback(1);
  const int listener = open_tcp();
  tell("bind", "%d", (int)full_bind(ABOVE(listener), &address, ABOVE(sizeof address)));
  tell("listen", "%d", (int)full_listen(ABOVE(listener), ABOVE(5)));
  tell("listener", "%d", keepidle(listener));
  const struct sockaddr_in bound = local_address(listener);
  const int clients[] = {open_tcp(), open_tcp()};
  for (int i = 0; i < 2; ++i) {
    tell("connect", "%d", (int)full_connect(ABOVE(clients[i]), &bound, ABOVE(sizeof bound)));
    tell("client", "%d", keepidle(clients[i]));
  }
  tell("accepted", "%d", keepidle((int)full_accept(ABOVE(listener), NULL, NULL)));
  tell("accepted", "%d", keepidle((int)full_accept4(ABOVE(listener), NULL, NULL, ABOVE(0))));
  const int value = 77;
  tell("set", "%d",
       (int)full_setsockopt(ABOVE(clients[0]), ABOVE(IPPROTO_TCP), ABOVE(TCP_KEEPIDLE), &value,
                            ABOVE(sizeof value)));
  tell("own", "%d", keepidle(clients[0]));
  errno = kSentinel;
  tell("bad", "%d", (int)full_listen(ABOVE(-1), ABOVE(5)));
  tell("errno", "%d", errno);
  return 0;
}
