// SPDX-License-Identifier: MIT
//
// Becoming ready, once, before main: the real functions, the policy, the memory that everything
// later lives in.  Afterwards nothing is read, allocated or locked any more.
#pragma once

#include <atomic>

#include "shim/sockets/lifecycle.h"

namespace sockopt {

/// Where everything is ready: published once, never changed.
extern std::atomic<Lifecycle*> g_lifecycle;

/// The lifecycle of this process's sockets, or null where there is nothing to do.  Another
/// library's constructor may call a hook before ours has run: then this starts us.
Lifecycle* start_if_needed();

/// From now on the process's calls are let through as they are, without any of our own.
void stand_aside();
/// Whether that has come since there was a lifecycle.
inline bool stands_aside() { return g_lifecycle.load(std::memory_order_acquire) == nullptr; }

inline Lifecycle* lifecycle() {
  Lifecycle* ready = g_lifecycle.load(std::memory_order_acquire);
  return ready != nullptr ? ready : start_if_needed();
}

}  // namespace sockopt
