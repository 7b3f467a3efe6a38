// SPDX-License-Identifier: MIT
#include "shim/preload/protection.h"

#include <sys/auxv.h>
#include <sys/mman.h>

#include <atomic>

#include "shim/preload/hook_switch.h"
#include "shim/preload/real_table.h"
#include "shim/system/auxiliary_vector.h"
#include "shim/system/syscalls.h"

namespace sockopt {
namespace {

constexpr std::uint32_t kAll = std::uint32_t(Part::kFunctions) | std::uint32_t(Part::kStart);

constinit std::atomic<std::uint32_t> g_complete = 0;
constinit std::atomic<const void*> g_end = nullptr;

}  // namespace

void complete(Part part, const void* end) {
  const auto bit = static_cast<std::uint32_t>(part);
  if ((g_complete.load(std::memory_order_relaxed) & bit) != 0) return;
  if (end != nullptr) g_end.store(end, std::memory_order_relaxed);
  if ((g_complete.fetch_or(bit) | bit) != kAll || hooks_are_disabled()) return;
  if (system::auxiliary_value(AT_PAGESZ) != kPage) return;
  const void* const last = g_end.load();
  const std::size_t size =
      last == nullptr
          ? kPage
          : static_cast<std::size_t>(static_cast<const unsigned char*>(last) - sockopt_real);
  system::call(SYS_mprotect, sockopt_real, (size + kPage - 1) / kPage * kPage, PROT_READ);
}

}  // namespace sockopt
