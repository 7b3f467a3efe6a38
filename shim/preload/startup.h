// SPDX-License-Identifier: MIT
//
// Gets ready once, before main: the real functions, the policy, the memory for everything later.
// Afterwards nothing is read, allocated or locked.
#pragma once

#include "shim/preload/hook_switch.h"
#include "shim/sockets/socket_hooks.h"

namespace sockopt {

extern HookSwitch g_hook_switch;

/// Another library's constructor, or a thread of its, may call a hook before our constructor has
/// run: then this starts us.
SocketHooks* start_if_needed();

/// What is done to this process's sockets, or null where there is nothing to do.
inline SocketHooks* socket_hooks() {
  SocketHooks* hooks = g_hook_switch.hooks();
  return hooks != nullptr ? hooks : start_if_needed();
}

/// From now on the process's calls pass through, and the library makes none of its own.
void disable_hooks();
inline bool hooks_are_disabled() { return g_hook_switch.is_off(); }

}  // namespace sockopt
