/* SPDX-License-Identifier: MIT
 *
 * How long a new listener waits for its backlog: `listen_wait BACKLOG COUNT each|together`. Prints
 * a line for each listener, in nanoseconds from the call of listen(2): on a busy processor the
 * watcher can run before it returns. `each` makes one after the other, and rests between them;
 * `together` makes all before it looks at the first. Exits with 1 where one has waited for ten
 * seconds in vain. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { kMost = 100000, kRest = 5000, kSmall = 5 };

static long long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static int start(long long* since) {
  struct sockaddr_in local = {.sin_family = AF_INET};
  local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd >= 0 && bind(fd, (struct sockaddr*)&local, sizeof local) == 0) {
    *since = now();
    if (listen(fd, kSmall) == 0) return fd;
  }
  perror("listen");
  exit(1);
}

static long long wait_for(int fd, unsigned backlog, long long since) {
  for (;;) {
    struct tcp_info info;
    socklen_t size = sizeof info;
    getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size);
    const long long waited = now() - since;
    if (info.tcpi_sacked == backlog) return waited;
    if (waited > 10000000000LL) {
      fprintf(stderr, "it still has %u\n", info.tcpi_sacked);
      exit(1);
    }
  }
}

int main(int argc, char** argv) {
  static int fds[kMost];
  static long long since[kMost];
  const unsigned backlog = argc == 4 ? (unsigned)atoi(argv[1]) : 0;
  const int count = argc == 4 ? atoi(argv[2]) : 0;
  if (count < 1 || count > kMost) return 2;
  if (strcmp(argv[3], "each") == 0) {
    for (int i = 0; i < count; ++i) {
      const int fd = start(&since[0]);
      printf("%lld\n", wait_for(fd, backlog, since[0]));
      close(fd);
      usleep(kRest);
    }
    return 0;
  }
  for (int i = 0; i < count; ++i) fds[i] = start(&since[i]);
  for (int i = 0; i < count; ++i) printf("%lld\n", wait_for(fds[i], backlog, since[i]));
  return 0;
}
