/* SPDX-License-Identifier: MIT
 *
 * dispatched CALL: has the kernel call a handler in place of each system call that libc does not
 * make (system call user dispatch), installs none, and is a server and a client. CALL is how it
 * asks for it: `prctl`, or `number`, with `+` behind it if the rest of the number is not zero. */
#define _GNU_SOURCE
#include <link.h>
#include <stdint.h>
#include <sys/prctl.h>

#include "victim.h"

enum { kUserDispatch = 59, kOn = 1, kBlocked = 1 };

static struct {
  uintptr_t begin;
  uintptr_t end;
} libc;

/* The object with this function of libc's. */
static int find(struct dl_phdr_info* object, size_t size, void* unused) {
  (void)size, (void)unused;
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const ElfW(Phdr)* part = &object->dlpi_phdr[i];
    const uintptr_t begin = object->dlpi_addr + part->p_vaddr;
    if (part->p_type != PT_LOAD || (uintptr_t)&dprintf - begin >= part->p_memsz) continue;
    libc.begin = begin;
    libc.end = begin + part->p_memsz;
    return 1;
  }
  return 0;
}

static volatile char selector = kBlocked;

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  alarm(kPatienceSeconds);
  dl_iterate_phdr(find, NULL);
  const int earlier = listen_on(1, 5);
  const unsigned long above = strchr(argv[1], '+') ? ~0UL << 16 << 16 : 0;
  const unsigned long range = libc.end - libc.begin;
  const long result =
      strcmp(argv[1], "prctl")
          ? syscall(above | SYS_prctl, above | kUserDispatch, kOn, libc.begin, range, &selector)
          : prctl(kUserDispatch, kOn, libc.begin, range, &selector);
  tell("dispatch", "%ld", result);
  if (result != 0) return 0;
  errno = kSentinel;
  const struct sockaddr_in address = loopback(1);
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  tell("socket", "%d errno %d", listener, errno);
  tell("bind", "%d", bind(listener, (const struct sockaddr*)&address, sizeof address));
  tell("listen", "%d", listen(listener, 5));
  tell("set", "%d", set_keepidle(listener, 30));
  tell("accept", "%d errno %d", accept(listener, NULL, NULL), errno);
  const int client = socket(AF_INET, SOCK_STREAM, 0);
  tell("connect", "%d", connect_to(client, earlier));
  tell("accepted", "%d", accept4(earlier, NULL, NULL, SOCK_CLOEXEC));
  return 0;
}
