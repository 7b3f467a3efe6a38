// SPDX-License-Identifier: MIT
#include "shim/zmq/preload/libzmq.h"

#include <link.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstring>
#include <optional>

#include "shim/system/loaded_object.h"

// This object's own, and not what another one may export.
[[gnu::visibility("hidden")]] extern ElfW(Dyn) _DYNAMIC[];

namespace sockopt::zmq {
namespace {

// How much the loader has loaded and unloaded so far.
struct Generation {
  std::uint64_t loaded = 0;
  std::uint64_t unloaded = 0;
  bool operator==(const Generation&) const = default;
};

// The one libzmq of this process, in words that may be read while they are written: `version` is
// odd meanwhile, and another one afterwards.
class Cache {
 public:
  bool read(const Generation& generation, Libzmq& found) const {
    const std::uint32_t before = version_.load(std::memory_order_acquire);
    if (before % 2 != 0) return false;
    std::uintptr_t words[kWords];
    for (std::size_t i = 0; i < kWords; ++i) words[i] = words_[i].load(std::memory_order_relaxed);
    Generation of;
    of.loaded = loaded_.load(std::memory_order_relaxed);
    of.unloaded = unloaded_.load(std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_acquire);
    if (version_.load(std::memory_order_relaxed) != before || !(of == generation)) return false;
    std::memcpy(&found, words, sizeof found);
    return found.socket != nullptr;
  }

  // Where another thread is at it, it goes without.
  void write(const Generation& generation, const Libzmq& found) {
    std::uint32_t before = version_.load(std::memory_order_relaxed);
    if (before % 2 != 0) return;
    if (!version_.compare_exchange_strong(before, before + 1, std::memory_order_acquire)) return;
    std::atomic_thread_fence(std::memory_order_release);
    std::uintptr_t words[kWords];
    std::memcpy(words, &found, sizeof found);
    for (std::size_t i = 0; i < kWords; ++i) words_[i].store(words[i], std::memory_order_relaxed);
    loaded_.store(generation.loaded, std::memory_order_relaxed);
    unloaded_.store(generation.unloaded, std::memory_order_relaxed);
    version_.store(before + 2, std::memory_order_release);
  }

 private:
  static constexpr std::size_t kWords = sizeof(Libzmq) / sizeof(std::uintptr_t);
  static_assert(sizeof(Libzmq) % sizeof(std::uintptr_t) == 0);

  std::atomic<std::uint32_t> version_ = 0;
  std::atomic<std::uint64_t> loaded_ = 0;
  std::atomic<std::uint64_t> unloaded_ = 0;
  std::atomic<std::uintptr_t> words_[kWords] = {};
};
constinit Cache g_cache;

template <typename Function>
void find(const system::LoadedObject& object, const char* name, Function*& function) {
  function = reinterpret_cast<Function*>(object.find(name, nullptr));
}

// One walk over all that is loaded, in the order of loading, with the loader's list held still.
class Search {
 public:
  explicit Search(const void* caller) : caller_(reinterpret_cast<std::uintptr_t>(caller)) {}

  Libzmq find() {
    dl_iterate_phdr(&Search::visit, this);
    if (count_ == 1) g_cache.write(generation_, found_[0]);
    // Of several, the caller's own, which can be the caller; else the one that was loaded first.
    std::size_t chosen = 0;
    for (std::size_t i = 0; i < count_; ++i) {
      const auto* code = reinterpret_cast<const void*>(caller_);
      if (needed_[i] || found_[i].contains(code)) chosen = i;
    }
    return found_[chosen];
  }

 private:
  static constexpr std::size_t kMost = 4;

  static int visit(dl_phdr_info* info, std::size_t size, void* self) {
    return static_cast<Search*>(self)->look_at(*info, size) ? 1 : 0;
  }

  // Whether that was enough.
  bool look_at(const dl_phdr_info& info, std::size_t size) {
    if (is_first_ && size >= offsetof(dl_phdr_info, dlpi_subs) + sizeof info.dlpi_subs) {
      generation_ = {info.dlpi_adds, info.dlpi_subs};
      if (g_cache.read(generation_, found_[0])) {
        count_ = 0;
        return true;
      }
    }
    is_first_ = false;
    const ElfW(Dyn)* dynamic = nullptr;
    std::uintptr_t begin = UINTPTR_MAX;
    std::uintptr_t end = 0;
    for (int i = 0; i < info.dlpi_phnum; ++i) {
      const ElfW(Phdr)& segment = info.dlpi_phdr[i];
      const std::uintptr_t at = info.dlpi_addr + segment.p_vaddr;
      if (segment.p_type == PT_DYNAMIC) dynamic = reinterpret_cast<const ElfW(Dyn)*>(at);
      if (segment.p_type != PT_LOAD) continue;
      begin = std::min(begin, at);
      end = std::max(end, at + segment.p_memsz);
    }
    if (dynamic == nullptr) return false;
    const system::LoadedObject object(info.dlpi_addr, dynamic);
    if (begin <= caller_ && caller_ < end) {
      callers_ = object;
      for (std::size_t i = 0; i < count_; ++i) needed_[i] = is_needed(names_[i]);
    }
    // What is before us in that order is not what we stand for.
    if (dynamic == _DYNAMIC) {
      is_behind_us_ = true;
    } else if (is_behind_us_ && count_ < kMost) {
      take(object, begin, end);
    }
    return false;
  }

  void take(const system::LoadedObject& object, std::uintptr_t begin, std::uintptr_t end) {
    Libzmq& one = found_[count_];
    sockopt::zmq::find(object, "zmq_socket", one.socket);
    if (one.socket == nullptr) return;
    sockopt::zmq::find(object, "zmq_setsockopt", one.setsockopt);
    sockopt::zmq::find(object, "zmq_getsockopt", one.getsockopt);
    sockopt::zmq::find(object, "zmq_bind", one.bind);
    sockopt::zmq::find(object, "zmq_connect", one.connect);
    sockopt::zmq::find(object, "zmq_unbind", one.unbind);
    sockopt::zmq::find(object, "zmq_disconnect", one.disconnect);
    sockopt::zmq::find(object, "zmq_close", one.close);
    sockopt::zmq::find(object, "zmq_version", one.version);
    one.begin = begin;
    one.end = end;
    names_[count_] = object.name();
    needed_[count_] = is_needed(names_[count_]);
    ++count_;
  }

  // Asked while both are there for certain.
  bool is_needed(const char* name) const {
    return callers_ && name != nullptr && callers_->needs(name);
  }

  const std::uintptr_t caller_;
  Generation generation_;
  bool is_first_ = true;
  bool is_behind_us_ = false;
  std::optional<system::LoadedObject> callers_;
  std::size_t count_ = 0;
  Libzmq found_[kMost];
  const char* names_[kMost] = {};
  bool needed_[kMost] = {};
};

}  // namespace

Libzmq find_libzmq(const void* caller) { return Search(caller).find(); }

}  // namespace sockopt::zmq
