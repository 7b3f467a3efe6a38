// SPDX-License-Identifier: MIT
#include "shim/preload/next_symbol.h"

#include <dlfcn.h>
#include <link.h>

#include <cerrno>

#include "shim/system/loaded_object.h"
#include "shim/system/loader.h"

// Weak, because before glibc 2.34 it is in another library; and without the version that linking
// against glibc adds: programs would not start where that version is unknown.
extern "C" {
[[gnu::weak, gnu::visibility("default")]] void* sockopt_dlsym(void* handle, const char* name);
}
__asm__(".symver sockopt_dlsym, dlsym@");

// This object's own, and not what another one may export.
[[gnu::visibility("hidden")]] extern ElfW(Dyn) _DYNAMIC[];

namespace sockopt {
namespace {

using system::object_around;

const link_map* this_object() {
  const link_map* object = system::first_loaded();
  while (object != nullptr && object->l_ld != _DYNAMIC) object = object->l_next;
  return object;
}

// Without the C library's help.
void* search(const char* name, const char* version) {
  const link_map* object = this_object();
  while (object != nullptr && (object = object->l_next) != nullptr) {
    const system::LoadedObject symbols(object->l_addr, object->l_ld);
    if (void* found = symbols.find(name, version)) return found;
  }
  return nullptr;
}

template <typename Function>
const void* address_of(Function* function) {
  return reinterpret_cast<const void*>(function);
}

}  // namespace

// A program, or another library, may have its own dlsym, which does not know RTLD_NEXT, or returns
// what is next to itself.
NextSymbols::NextSymbols(Lock lock) : c_library_(object_around(address_of(&__errno_location))) {
  has_dlsym_ = lock == Lock::kMayTake && is_the_c_librarys(address_of(&sockopt_dlsym));
}

bool NextSymbols::is_the_c_librarys(const void* function) const {
  return function != nullptr && object_around(function) == c_library_;
}

void* NextSymbols::find(const char* name, const char* version) {
  void* found = has_dlsym_ ? sockopt_dlsym(RTLD_NEXT, name) : search(name, version);
  if (is_the_c_librarys(found)) return found;
  found_others_ = true;
  // Another preloaded library's, or a function that only shares the name with libc's. Without a
  // version it is what libc's callers mean; with its own version it is not. dlvsym(3) would skip
  // both.
  return has_dlsym_ && found != nullptr && version != nullptr ? search(name, version) : found;
}

std::string_view own_path() {
  const link_map* object = this_object();
  return object != nullptr && object->l_name != nullptr ? object->l_name : std::string_view();
}

}  // namespace sockopt
