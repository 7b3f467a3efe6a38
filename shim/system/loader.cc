// SPDX-License-Identifier: MIT
#include "shim/system/loader.h"

// The list that a debugger reads: glibc's, and musl's.
extern "C" {
[[gnu::weak, gnu::visibility("default")]] extern const r_debug sockopt_r_debug;
[[gnu::weak, gnu::visibility("default")]] extern const r_debug* const sockopt_dl_debug_addr;
}
__asm__(
    ".symver sockopt_r_debug, _r_debug@\n"
    ".symver sockopt_dl_debug_addr, _dl_debug_addr@");

namespace sockopt::system {
namespace {

bool is_in_loader(const void* address, const r_debug& debug) {
  constexpr ElfW(Addr) kLargestLoader = ElfW(Addr){1} << 22;  // musl's is the C library, too
  return reinterpret_cast<ElfW(Addr)>(address) - debug.r_ldbase < kLargestLoader;
}

// A program can have a variable of its own by such a name, which is not where it says the loader
// is.
const r_debug* loaders_debug() {
  const r_debug* debug = &sockopt_r_debug;
  if (debug == nullptr && &sockopt_dl_debug_addr != nullptr) debug = sockopt_dl_debug_addr;
  return debug != nullptr && is_in_loader(debug, *debug) ? debug : nullptr;
}

}  // namespace

bool is_the_loaders(const void* variable) {
  const r_debug* const debug = loaders_debug();
  return debug != nullptr && is_in_loader(variable, *debug);
}

const link_map* first_loaded() {
  const r_debug* const debug = loaders_debug();
  return debug != nullptr ? debug->r_map : nullptr;
}

bool initializes_from_behind() { return &sockopt_r_debug != nullptr; }

// Objects do not overlap, and each has its dynamic section behind its code: that of the object
// around an address is the next one above it.  Between objects, and in the data behind a dynamic
// section, it is another object's, which begins above.
const link_map* object_around(const void* address) {
  const auto at = reinterpret_cast<ElfW(Addr)>(address);
  const link_map* found = nullptr;
  for (const link_map* object = first_loaded(); object != nullptr; object = object->l_next) {
    const auto dynamic = reinterpret_cast<ElfW(Addr)>(object->l_ld);
    if (dynamic > at && (found == nullptr || dynamic < reinterpret_cast<ElfW(Addr)>(found->l_ld))) {
      found = object;
    }
  }
  return found != nullptr && found->l_addr <= at ? found : nullptr;
}

}  // namespace sockopt::system
