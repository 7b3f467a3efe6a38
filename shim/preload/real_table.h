// SPDX-License-Identifier: MIT
//
// Where the real functions are.  Null where there is none behind ours: then the system call is made
// directly, which is no cancellation point and bypasses other shims, but works.
#pragma once

#include <sys/socket.h>

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace sockopt::real {

template <typename Signature>
using Pointer = std::atomic<Signature*>;

using PrctlFunction = int(int option, unsigned long a, unsigned long b, unsigned long c,
                          unsigned long d);
using SyscallFunction = long(long number, long a, long b, long c, long d, long e, long f);

// Written once, and read-only from then on.
struct Table {
  Pointer<SyscallFunction> syscall;
  Pointer<decltype(::socket)> socket;
  Pointer<decltype(::bind)> bind;
  Pointer<decltype(::listen)> listen;
  Pointer<decltype(::connect)> connect;
  Pointer<decltype(::accept)> accept;
  Pointer<decltype(::accept4)> accept4;
  Pointer<decltype(::setsockopt)> setsockopt;
  Pointer<PrctlFunction> prctl;
  // What an entry reads of its first argument: all of it, unless each function is the C library's;
  // and nothing while there are no functions, so that the hook is called.
  std::atomic<std::uintptr_t> number_mask;
#ifndef __LP64__
  Pointer<decltype(::setsockopt)> setsockopt_time64;
  Pointer<PrctlFunction> prctl_time64;
#endif
  std::atomic<bool> setsockopt_is_the_c_librarys;
};
static_assert(offsetof(Table, socket) == sizeof(void*) &&
                  offsetof(Table, bind) == 2 * sizeof(void*) &&
                  offsetof(Table, listen) == 3 * sizeof(void*) &&
                  offsetof(Table, connect) == 4 * sizeof(void*) &&
                  offsetof(Table, accept) == 5 * sizeof(void*) &&
                  offsetof(Table, accept4) == 6 * sizeof(void*) &&
                  offsetof(Table, setsockopt) == 7 * sizeof(void*) &&
                  offsetof(Table, prctl) == 8 * sizeof(void*) &&
                  offsetof(Table, number_mask) == 9 * sizeof(void*),
              "as in syscall_hook.cc and entry.cc");

}  // namespace sockopt::real

// What the library's own start memory begins with. Known to the assembler by this name.
extern "C" [[gnu::visibility("hidden")]] unsigned char sockopt_real[];

namespace sockopt::real {

inline Table& table() { return reinterpret_cast<Table&>(sockopt_real); }

}  // namespace sockopt::real
