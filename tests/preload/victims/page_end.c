/* SPDX-License-Identifier: MIT
 *
 * Sets options with values of every length, of which the last bytes lie on a page that is nobody's,
 * and tells which of them the kernel says it cannot read. */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum { kPage = 4096, kMost = 24 };

static const struct {
  const char* name;
  int level, option;
  const char* text; /* ends in NUL if there is room */
} kOptions[] = {
    {"congestion", IPPROTO_TCP, TCP_CONGESTION, "cubic"},
    {"congestion-long", IPPROTO_TCP, TCP_CONGESTION, "abcdefghijklmnopqrstuvw"},
    {"bindtodevice", SOL_SOCKET, SO_BINDTODEVICE, "lo"},
    {"bindtodevice-long", SOL_SOCKET, SO_BINDTODEVICE, "abcdefghijklmnopqrstuvw"},
    {"max_pacing_rate", SOL_SOCKET, 47, ""},
    {"keepidle", IPPROTO_TCP, TCP_KEEPIDLE, "\1"},
    {"linger", SOL_SOCKET, SO_LINGER, ""},
    {"ttl", IPPROTO_IP, IP_TTL, "\1"},
};

int main(void) {
  char* pages = mmap(NULL, 2 * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(pages + kPage, kPage);
  for (size_t i = 0; i < sizeof kOptions / sizeof *kOptions; ++i) {
    for (unsigned there = 0; there <= kMost; ++there) {
      char* value = pages + kPage - there;
      char text[kMost] = "";
      strncpy(text, kOptions[i].text, sizeof text - 1);
      memcpy(value, text, there);
      printf("%s %u:", kOptions[i].name, there);
      for (unsigned length = 0; length <= kMost; ++length) {
        const int fd = socket(AF_INET, SOCK_STREAM, 0);
        if (setsockopt(fd, kOptions[i].level, kOptions[i].option, value, length) && errno == EFAULT)
          printf(" %u", length);
        close(fd);
      }
      printf("\n");
    }
  }
  return 0;
}
