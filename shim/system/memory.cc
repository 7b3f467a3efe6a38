// SPDX-License-Identifier: MIT
#include "shim/system/memory.h"

#include <cerrno>

#include "shim/system/syscalls.h"

namespace sockopt::system {
namespace {

// The smallest there is: on larger pages more is asked than need be.
constexpr std::uintptr_t kPageSize = 4096;

// The kernel reads the new mask before it looks at what to do with it, and knows no -1.
bool kernel_can_read(std::uintptr_t address) {
  constexpr std::uintptr_t kAlignment = sizeof(SignalMask);
  const auto* mask = reinterpret_cast<const SignalMask*>(address & ~(kAlignment - 1));
  return change_signal_mask(-1, mask, nullptr) == 0 || errno != EFAULT;
}

bool is_page_readable(std::uintptr_t address) {
  const char here = 0;
  // Nearly every address is a variable of a caller of ours: so near above this one, it is there.
  if (address - reinterpret_cast<std::uintptr_t>(&here) < kPageSize) return true;
  return kernel_can_read(address);
}

}  // namespace

bool is_readable(const void* pointer, std::size_t size) {
  if (!is_plausible(pointer) || size == 0) return false;
  const auto first = reinterpret_cast<std::uintptr_t>(pointer);
  const std::uintptr_t last = first + size - 1;
  return is_page_readable(first) &&
         (first / kPageSize == last / kPageSize || is_page_readable(last));
}

}  // namespace sockopt::system
