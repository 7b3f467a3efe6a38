/* SPDX-License-Identifier: MIT
 *
 * A sandbox in a library: its constructor installs a seccomp filter, by the call that FILTER_BY
 * names. Of all calls the filter leaves those that few_calls.c makes; any other kills. */
#include "../filter.h"

static const int kAllowed[] = {SYS_socket,  SYS_bind,  SYS_listen, SYS_accept,    SYS_accept4,
                               SYS_connect, SYS_close, SYS_write,  SYS_exit_group};

__attribute__((constructor)) static void restrict_program(void) {
  const char* call = getenv("FILTER_BY");
  if (!call) return;
  install_filter(call, kAllowed, sizeof kAllowed / sizeof *kAllowed, SECCOMP_RET_ALLOW,
                 SECCOMP_RET_KILL_PROCESS);
}
