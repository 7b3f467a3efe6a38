// SPDX-License-Identifier: MIT
#include "shim/preload/start_memory.h"

#include <cstddef>

extern "C" [[gnu::visibility("hidden")]] unsigned char sockopt_start_memory[];

namespace sockopt {
namespace {

constexpr std::size_t kBefore = offsetof(StartMemory, functions);
constexpr std::size_t kFromThere = StartMemory::small_size() - kBefore;

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

}  // namespace sockopt
