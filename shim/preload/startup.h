// SPDX-License-Identifier: MIT
//
// Becoming ready, once, before main: the real functions, the policy, the memory that everything
// later lives in.  Afterwards nothing is read, allocated or locked any more.
#pragma once

#include <atomic>

#include "shim/sockets/socket_hooks.h"

namespace sockopt {

/// Where everything is ready: published once, never changed.
extern std::atomic<SocketHooks*> g_socket_hooks;

/// What is done to this process's sockets, or null where there is nothing to do.  Another
/// library's constructor may call a hook before ours has run: then this starts us.
SocketHooks* start_if_needed();

/// From now on the process's calls pass as they are, without any of our own.
void disable_hooks();
/// Whether that has happened since `g_socket_hooks` was set.
inline bool hooks_are_disabled() {
  return g_socket_hooks.load(std::memory_order_acquire) == nullptr;
}

inline SocketHooks* socket_hooks() {
  SocketHooks* ready = g_socket_hooks.load(std::memory_order_acquire);
  return ready != nullptr ? ready : start_if_needed();
}

}  // namespace sockopt
