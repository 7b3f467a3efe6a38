// SPDX-License-Identifier: MIT
//
// Whether the library can read through a pointer that a program passes to the kernel.  The kernel
// answers a bad one with EFAULT; the library must not crash on it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sockopt::system {

/// Whether it can be a pointer at all: not null, a small number or -1, which programs pass by
/// mistake.
inline bool is_plausible(const void* pointer) {
  constexpr std::uintptr_t kLowest = 65536;  // vm.mmap_min_addr
  // Programs of 32 bits have all there is but the last page, where a 64-bit kernel runs them, and
  // their stack begins there.
  constexpr std::uintptr_t kHighest = sizeof(void*) == 4 ? UINTPTR_MAX - 4096 : UINTPTR_MAX / 2;
  const auto address = reinterpret_cast<std::uintptr_t>(pointer);
  return address >= kLowest && address <= kHighest;
}

/// Whether it is so near above a variable of ours that it can only be one of a caller's.
[[gnu::noinline]] bool is_on_stack(const void* pointer);

/// Whether `size` bytes are there to be read. Costs no system call for what is on the caller's
/// stack, where nearly every address is, and on its page or the main stack; else one or two.
bool is_readable(const void* pointer, std::size_t size);

}  // namespace sockopt::system
