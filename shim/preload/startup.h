// SPDX-License-Identifier: MIT
//
// Gets ready once, before main: the real functions, the policy, the memory for everything later.
// Afterwards nothing is read, allocated or locked.
#pragma once

#include <linux/prctl.h>

#include "shim/preload/hook_switch.h"
#include "shim/sockets/socket_hooks.h"

namespace sockopt {

/// Another library's constructor, or a thread of its, may call a hook before our constructor has
/// run: then this starts us.
SocketHooks* start_if_needed();

/// What is done to this process's sockets, or null where there is nothing to do.
inline SocketHooks* socket_hooks() {
  SocketHooks* hooks = g_hook_switch.hooks();
  return hooks != nullptr ? hooks : start_if_needed();
}

/// Whether such a prctl(2) has the kernel look at each system call from then on: it installs a
/// seccomp filter, or has a handler called in place of the call.
inline bool catches_calls(int option, unsigned long value) {
  constexpr int kUserDispatch = 59;  // PR_SET_SYSCALL_USER_DISPATCH, since Linux 5.11
  return option == PR_SET_SECCOMP || (option == kUserDispatch && value != 0);
}

/// From now on the process's calls pass through, and the library makes none of its own.
void disable_hooks();

}  // namespace sockopt
