/* SPDX-License-Identifier: MIT
 *
 * filtered ACTION SYSCALLS PROGRAM ARGUMENT...: executes the program under a seccomp filter that
 * allows the system calls of the list (names and spaces) and does ACTION for any other: `kill`, or
 * `refuse` with EPERM. As systemd does for SystemCallFilter=. */
#define _GNU_SOURCE
#include <seccomp.h>

#include "victim.h"

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  const uint32_t action = strcmp(argv[1], "kill") ? SCMP_ACT_ERRNO(EPERM) : SCMP_ACT_KILL_PROCESS;
  scmp_filter_ctx filter = seccomp_init(action);
  if (!filter) die("seccomp_init");
  for (char* name = strtok(argv[2], " \n"); name; name = strtok(NULL, " \n")) {
    const int number = seccomp_syscall_resolve_name(name);
    /* What this architecture does not have, or libseccomp does not know yet, nobody calls. */
    if (number != __NR_SCMP_ERROR) seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0);
  }
  if (seccomp_load(filter)) die("seccomp_load");
  execv(argv[3], argv + 3);
  die(argv[3]);
}
