// SPDX-License-Identifier: MIT
#include "shim/preload/start_memory.h"

#include <sys/auxv.h>
#include <sys/mman.h>

#include <atomic>

#include "shim/preload/hook_switch.h"
#include "shim/system/auxiliary_vector.h"
#include "shim/system/syscalls.h"

extern "C" [[gnu::visibility("hidden")]] unsigned char sockopt_start_memory[];

namespace sockopt {
namespace {

constexpr std::uint32_t kAll = std::uint32_t(Part::kFunctions) | std::uint32_t(Part::kStart);

constexpr std::size_t kBefore = offsetof(StartMemory, functions);
constexpr std::size_t kFromThere = StartMemory::small_size() - kBefore;

constinit std::atomic<std::uint32_t> g_complete = 0;
constinit std::atomic<std::size_t> g_used = offsetof(StartMemory, faults);

// In a section of its own: in .bss its alignment would be that of all zeroes, which share a page
// with the other data.
[[gnu::used]] void define_memory() {
  __asm__ volatile(
      ".pushsection .start_memory, \"aw\", %%nobits\n"
      ".balign %c0\n"
      ".hidden sockopt_start_memory\n"
      ".globl sockopt_start_memory\n"
      "sockopt_start_memory: .zero %c2\n"
      ".globl sockopt_real\n"
      ".hidden sockopt_real\n"
      ".type sockopt_real, %%object\n"
      ".size sockopt_real, %c1\n"
      "sockopt_real: .zero %c1\n"
      ".popsection"
      :
      : "i"(kPage), "i"(kFromThere), "i"(kBefore));
}

}  // namespace

StartMemory& first_memory() { return reinterpret_cast<StartMemory&>(sockopt_start_memory); }

void complete(Part part, std::size_t used) {
  const auto bit = static_cast<std::uint32_t>(part);
  if ((g_complete.load(std::memory_order_relaxed) & bit) != 0) return;
  if (used != 0) g_used.store(used, std::memory_order_relaxed);
  if ((g_complete.fetch_or(bit) | bit) != kAll || hooks_are_disabled()) return;
  if (system::auxiliary_value(AT_PAGESZ) != kPage) return;
  system::call(SYS_mprotect, sockopt_real, (g_used.load() - kBefore + kPage - 1) / kPage * kPage,
               PROT_READ);
}

}  // namespace sockopt
