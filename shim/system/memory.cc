// SPDX-License-Identifier: MIT
#include "shim/system/memory.h"

#include <linux/futex.h>

#include <cerrno>
#include <cstdint>

#include "shim/system/auxiliary_vector.h"
#include "shim/system/syscalls.h"

namespace sockopt::system {
namespace {

// The smallest page size; with larger pages this asks more than necessary.
constexpr std::uintptr_t kPageSize = 4096;
constexpr std::uintptr_t kWord = sizeof(std::uint32_t);

std::uintptr_t page_of(std::uintptr_t address) { return address / kPageSize; }

// The kernel reads the word that it would wait on, and no byte more, and does not wait: no filter
// forbids this call.
bool kernel_can_read(std::uintptr_t word) {
  constexpr std::uint32_t kUnlikely = 0xffffffff;
  const std::int64_t at_once[2] = {};
#if defined(SYS_futex)
  constexpr long kCall = SYS_futex;
#else
  constexpr long kCall = SYS_futex_time64;
#endif
  return call(kCall, word, FUTEX_WAIT_PRIVATE, kUnlikely, at_once) != -EFAULT;
}

// A word with the byte at `first`, or with some behind it that lie before `end` and on its page:
// what lies before `first` may be nobody's.
std::uintptr_t word_behind(std::uintptr_t first, std::uintptr_t end) {
  const std::uintptr_t next = (first + kWord - 1) / kWord * kWord;
  return next + kWord <= end && page_of(next) == page_of(first) ? next : first / kWord * kWord;
}

}  // namespace

// The next page may be nobody's where a program has made the stack.
bool is_on_stack(const void* pointer) {
  const char here = 0;
  const auto address = reinterpret_cast<std::uintptr_t>(pointer);
  const auto own = reinterpret_cast<std::uintptr_t>(&here);
  return address - own < kPageSize &&
         (page_of(address) == page_of(own) || is_on_main_stack(pointer));
}

bool is_readable(const void* pointer, std::size_t size) {
  if (!is_plausible(pointer) || size == 0) return false;
  const auto first = reinterpret_cast<std::uintptr_t>(pointer);
  const std::uintptr_t last = first + size - 1;
  if (!is_on_stack(pointer) && !kernel_can_read(word_behind(first, first + size))) return false;
  if (page_of(first) == page_of(last)) return true;
  return is_on_stack(reinterpret_cast<const void*>(last)) ||
         kernel_can_read(word_behind(page_of(last) * kPageSize, first + size));
}

}  // namespace sockopt::system
