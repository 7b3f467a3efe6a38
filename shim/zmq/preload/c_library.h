// SPDX-License-Identifier: MIT
//
// Three of the C library's functions, and not what the program may call so.
#pragma once

#include <link.h>

#include <cstddef>

namespace sockopt::zmq {

/// glibc's struct dl_find_object, which older headers lack.
struct ObjectAround {
  unsigned long long flags;
  void* begin;
  void* end;
  const link_map* object;
  void* rest[20];
};

struct CLibrary {
  int (*iterate)(int (*visit)(dl_phdr_info*, std::size_t, void*), void* context) = nullptr;
  /// _dl_find_object(3), since glibc 2.35: takes no lock. Null elsewhere.
  int (*find_object)(const void* address, ObjectAround* found) = nullptr;
  /// dlsym(3); null where another library has it, before glibc 2.34.
  void* (*find_next)(void* handle, const char* name) = nullptr;
};

CLibrary c_library();

}  // namespace sockopt::zmq
