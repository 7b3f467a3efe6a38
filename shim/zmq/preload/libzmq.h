// SPDX-License-Identifier: MIT
//
// The libzmq that a caller means. RTLD_NEXT does not always lead there: Python loads it for one of
// its modules only. So it is looked for among all that is loaded, and by what it defines: a wheel
// calls it libzmq-<hash>.so.5. There may be two, and a program may unload it and load another.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sockopt::zmq {

/// zmq_getsockopt(3): what they are called there.
inline constexpr int kTypeOption = 16;
inline constexpr int kLastEndpointOption = 32;

/// Its functions, null where it has none of that name.
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

  /// Where it lies in memory.
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;

  /// Whether this is called from within libzmq, for a socket of its own.
  bool contains(const void* code) const {
    const auto address = reinterpret_cast<std::uintptr_t>(code);
    return address >= begin && address < end;
  }
};

/// The one for the caller that a hook returns to; without functions where none is loaded. What is
/// found is remembered until the loader has loaded or unloaded something, which it is asked each
/// time: nobody else knows when a program unloads libzmq.
Libzmq find_libzmq(const void* caller);

}  // namespace sockopt::zmq
