/* SPDX-License-Identifier: MIT
 *
 * A server that pins its receive buffer to 64 KiB, and a client that sends it 16 MiB over a link
 * with 10 ms of delay: two network namespaces, each with a tunnel, and between these a relay that
 * holds every packet for so long. Prints the most bytes that were under way to the server at once:
 * as many come in each round trip. Needs root. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TOTAL (16L << 20)
#define DELAY 10000000L /* nanoseconds */
#define MTU 1500
#define PORT 7000
#define MOST_PACKETS 16384

static const char* const kAddresses[2] = {"10.9.0.1", "10.9.0.2"}; /* server, client */

static void fail(const char* what) {
  perror(what);
  exit(1);
}

static struct sockaddr_in internet(const char* address) {
  struct sockaddr_in result = {.sin_family = AF_INET, .sin_port = htons(PORT)};
  inet_pton(AF_INET, address, &result.sin_addr);
  return result;
}

/* The tunnel of a namespace of this process's own, which leads to the other address. */
static int tunnel(int end) {
  struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
  const struct sockaddr_in own = internet(kAddresses[end]);
  const struct sockaddr_in other = internet(kAddresses[!end]);
  if (unshare(CLONE_NEWNET) != 0) fail("unshare");
  const int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
  const int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  strcpy(request.ifr_name, "far");
  if (fd < 0 || ioctl(fd, TUNSETIFF, &request) != 0) fail("/dev/net/tun");
  memcpy(&request.ifr_addr, &own, sizeof own);
  if (ioctl(control, SIOCSIFADDR, &request) != 0) fail("SIOCSIFADDR");
  memcpy(&request.ifr_dstaddr, &other, sizeof other);
  if (ioctl(control, SIOCSIFDSTADDR, &request) != 0) fail("SIOCSIFDSTADDR");
  request.ifr_qlen = MOST_PACKETS;
  if (ioctl(control, SIOCSIFTXQLEN, &request) != 0) fail("SIOCSIFTXQLEN");
  request.ifr_flags = IFF_UP | IFF_POINTOPOINT | IFF_RUNNING;
  if (ioctl(control, SIOCSIFFLAGS, &request) != 0) fail("SIOCSIFFLAGS");
  close(control);
  return fd;
}

static void serve(int ready) {
  const int size = 64 << 10;
  const struct sockaddr_in address = internet(kAddresses[0]);
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  if (setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &size, sizeof size) != 0 ||
      bind(listener, (const struct sockaddr*)&address, sizeof address) != 0 ||
      listen(listener, 5) != 0 || write(ready, "", 1) != 1) {
    fail("listener");
  }
  const int accepted = accept(listener, NULL, NULL);
  static char bytes[1 << 20];
  for (long received = 0; received < TOTAL;) {
    const ssize_t count = recv(accepted, bytes, sizeof bytes, 0);
    if (count <= 0) fail("recv");
    received += count;
  }
  exit(0);
}

static void send_all(void) {
  const struct sockaddr_in address = internet(kAddresses[0]);
  static char bytes[1 << 16];
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(fd, (const struct sockaddr*)&address, sizeof address) != 0) fail("connect");
  for (long sent = 0; sent < TOTAL;) {
    const ssize_t count = send(fd, bytes, sizeof bytes, MSG_NOSIGNAL);
    if (count <= 0) fail("send");
    sent += count;
  }
  recv(fd, bytes, 1, 0); /* until the server has it all */
  exit(0);
}

struct Line {
  long long due[MOST_PACKETS];
  int sizes[MOST_PACKETS];
  char packets[MOST_PACKETS][MTU];
  unsigned first, last; /* of the packets under way, and behind them */
  long bytes, most;
};

static long long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

/* What has come out of one tunnel goes into the other when it is due. */
static void carry(struct Line* line, int from, int to) {
  while (line->last - line->first < MOST_PACKETS) {
    const unsigned at = line->last % MOST_PACKETS;
    const ssize_t size = read(from, line->packets[at], MTU);
    if (size <= 0) break;
    line->sizes[at] = (int)size;
    line->due[at] = now() + DELAY;
    line->bytes += size;
    if (line->bytes > line->most) line->most = line->bytes;
    ++line->last;
  }
  while (line->first != line->last && line->due[line->first % MOST_PACKETS] <= now()) {
    const unsigned at = line->first++ % MOST_PACKETS;
    if (write(to, line->packets[at], (size_t)line->sizes[at]) < 0) fail("tunnel");
    line->bytes -= line->sizes[at];
  }
}

int main(void) {
  static struct Line lines[2]; /* to the server, to the client */
  int ends[2];
  int ready[2];
  pid_t children[2];
  alarm(60);
  if (pipe(ready) != 0) fail("pipe");
  ends[0] = tunnel(0);
  children[0] = fork();
  if (children[0] == 0) serve(ready[1]);
  ends[1] = tunnel(1);
  char byte;
  close(ready[1]);
  if (read(ready[0], &byte, 1) != 1) return 1;
  children[1] = fork();
  if (children[1] == 0) send_all();
  for (int status = 0; waitpid(children[0], &status, WNOHANG) == 0;) {
    struct pollfd entries[2] = {{ends[0], POLLIN, 0}, {ends[1], POLLIN, 0}};
    poll(entries, 2, 1);
    carry(&lines[0], ends[1], ends[0]);
    carry(&lines[1], ends[0], ends[1]);
  }
  kill(children[1], SIGKILL);
  waitpid(children[1], NULL, 0);
  printf("under way %ld\n", lines[0].most);
  return 0;
}
