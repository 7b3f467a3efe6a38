/* SPDX-License-Identifier: MIT
 *
 * memory [lock]: tells how much address space it has, how much of it is in memory, and what one
 * socket was given; with `lock`, after all of it was made resident, as programs do that must not
 * wait for a page. */
#define _GNU_SOURCE
#include <sys/mman.h>

#include "victim.h"

static long kilobytes(const char* name) {
  static char text[4096];
  const int file = open("/proc/self/status", O_RDONLY);
  const ssize_t got = read(file, text, sizeof text - 1);
  close(file);
  if (got <= 0) die("/proc/self/status");
  text[got] = '\0';
  const char* at = strstr(text, name);
  return at ? strtol(at + strlen(name), NULL, 10) : -1;
}

int main(int argc, char** argv) {
  (void)argv;
  alarm(kPatienceSeconds);
  const int locked = argc > 1 ? mlockall(MCL_CURRENT | MCL_FUTURE) : 0;
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  tell("locked", "%d", locked);
  tell("address-space", "%ld", kilobytes("VmSize:"));
  tell("resident", "%ld", kilobytes("VmRSS:"));
  tell("keepidle", "%d", keepidle(fd));
  return 0;
}
