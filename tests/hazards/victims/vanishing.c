/* SPDX-License-Identifier: MIT
 *
 * Each call is handed pages of its own, which libunmapping.so takes away before the call is
 * through: what it returned, and whether anybody looked there afterwards. */
#define _GNU_SOURCE
#include <sys/mman.h>

#include "victim.h"

enum { kPage = 4096 };

static void* page_with(const void* what, size_t size) {
  void* page = mmap(NULL, kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) die("mmap");
  return memcpy(page, what, size);
}

static void tell_call(const char* fact, int result) {
  tell(fact, "%d errno %d", result < 0 ? result : 0, errno);
}

int main(void) {
  const struct sockaddr_in any = loopback(1);
  const struct sockaddr nobody = {0};
  const socklen_t length = sizeof any;
  alarm(kPatienceSeconds);
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  errno = kSentinel;
  tell_call("bind", bind(listener, page_with(&any, length), length));
  tell_call("listen", listen(listener, 5));
  const struct sockaddr_in address = local_address(listener);
  for (int i = 0; i < 2; ++i) {
    const int client = socket(AF_INET, SOCK_STREAM, 0);
    errno = kSentinel;
    tell_call("connect", connect(client, page_with(&address, length), length));
    struct sockaddr* peer = page_with(&any, length);
    socklen_t* size = page_with(&length, sizeof length);
    const int fd = i ? accept4(listener, peer, size, SOCK_CLOEXEC) : accept(listener, peer, size);
    tell_call("accept", fd);
    const int idle = 30;
    tell_call("setsockopt", setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, page_with(&idle, sizeof idle),
                                       sizeof idle));
    tell_call("disconnect", connect(client, page_with(&nobody, sizeof nobody), sizeof nobody));
  }
  const int datagrams = socket(AF_INET, SOCK_DGRAM, 0);
  errno = kSentinel;
  tell_call("udp-bind", bind(datagrams, page_with(&any, length), length));
  tell_call("udp-connect", connect(datagrams, page_with(&address, length), length));
  tell_call("udp-disconnect", connect(datagrams, page_with(&nobody, sizeof nobody), sizeof nobody));
  return 0;
}
