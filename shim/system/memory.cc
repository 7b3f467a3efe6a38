// SPDX-License-Identifier: MIT
#include "shim/system/memory.h"

#include <atomic>
#include <cerrno>

#include "shim/system/calls.h"

namespace sockopt::system {
namespace {

// The smallest there is: on larger pages more is asked than need be.
constexpr std::uintptr_t kPageSize = 4096;

// The page that was asked about last and is there. That it is unmapped again and then handed to the
// kernel is an error no program has made yet.
constinit std::atomic<std::uintptr_t> g_readable_page = 0;

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
  const std::uintptr_t page = address / kPageSize;
  if (g_readable_page.load(std::memory_order_relaxed) == page) return true;
  if (!kernel_can_read(address)) return false;
  g_readable_page.store(page, std::memory_order_relaxed);
  return true;
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
