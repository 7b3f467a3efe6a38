// SPDX-License-Identifier: MIT
//
// The libzmq that a caller means: what the dynamic linker would bind its calls to if we were not
// there. RTLD_NEXT does not always lead there: Python loads libzmq for one of its modules only.
// There may be several, and a program may unload one and load another.
#pragma once

#include <cstddef>

namespace sockopt::zmq {

/// zmq_getsockopt(3): what they are called there.
inline constexpr int kTypeOption = 16;
inline constexpr int kLastEndpointOption = 32;

/// The functions, each null where there is none.
struct Libzmq {
  void* (*socket)(void* context, int type) = nullptr;
  int (*setsockopt)(void* socket, int option, const void* value, std::size_t size) = nullptr;
  int (*getsockopt)(void* socket, int option, void* value, std::size_t* size) = nullptr;
  int (*bind)(void* socket, const char* endpoint) = nullptr;
  int (*connect)(void* socket, const char* endpoint) = nullptr;
  int (*unbind)(void* socket, const char* endpoint) = nullptr;
  int (*disconnect)(void* socket, const char* endpoint) = nullptr;
  int (*close)(void* socket) = nullptr;
  void (*version)(int* major, int* minor, int* patch) = nullptr;
  /// Known by it: what only wraps libzmq has none.
  void* (*ctx_new)() = nullptr;

  /// Whether it is libzmq itself that calls, for a socket of its own.
  bool is_calling = false;
};

/// Before main: what is there from the start needs no search later.
void find_libzmq_at_start();

/// The one for the caller that a hook returns to. Takes no lock, except the loader's for a caller
/// that is not known yet: and none at all in a forked child, where another thread of the parent's
/// may have held it.
Libzmq find_libzmq(const void* caller);

}  // namespace sockopt::zmq
