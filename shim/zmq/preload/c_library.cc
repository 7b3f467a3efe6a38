// SPDX-License-Identifier: MIT
#include "shim/zmq/preload/c_library.h"

#include <atomic>
#include <cerrno>

#include "shim/system/loaded_object.h"
#include "shim/system/loader.h"

namespace sockopt::zmq {
namespace {

constinit std::atomic<decltype(CLibrary::iterate)> g_iterate = nullptr;
constinit std::atomic<decltype(CLibrary::find_object)> g_find_object = nullptr;
constinit std::atomic<decltype(CLibrary::find_next)> g_find_next = nullptr;

template <typename Pointer>
void find(const system::LoadedObject& object, const char* name, std::atomic<Pointer>& function) {
  function.store(reinterpret_cast<Pointer>(object.find(name, nullptr)), std::memory_order_release);
}

}  // namespace

// Whoever comes meanwhile finds the same.
CLibrary c_library() {
  if (g_iterate.load(std::memory_order_acquire) == nullptr) {
    if (const link_map* const object =
            system::object_around(reinterpret_cast<const void*>(&__errno_location))) {
      const system::LoadedObject symbols(object->l_addr, object->l_ld);
      find(symbols, "_dl_find_object", g_find_object);
      find(symbols, "dlsym", g_find_next);
      find(symbols, "dl_iterate_phdr", g_iterate);
    }
    // Before glibc 2.34 that can be the library for threads.
    if (g_iterate.load() == nullptr) g_iterate.store(&::dl_iterate_phdr);
  }
  return {g_iterate.load(), g_find_object.load(), g_find_next.load()};
}

}  // namespace sockopt::zmq
