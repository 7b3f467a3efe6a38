// SPDX-License-Identifier: MIT
#include "shim/zmq/preload/libzmq.h"

#include <dlfcn.h>
#include <link.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <iterator>

#include "shim/config/reader.h"
#include "shim/preload/next_symbol.h"
#include "shim/system/loaded_object.h"
#include "shim/system/loader.h"
#include "shim/system/syscalls.h"
#include "shim/zmq/preload/c_library.h"
#include "shim/zmq/preload/scope.h"

namespace sockopt::zmq {
namespace {

// In the order of Libzmq.
constexpr const char* kNames[] = {"zmq_socket",  "zmq_setsockopt", "zmq_getsockopt", "zmq_bind",
                                  "zmq_connect", "zmq_unbind",     "zmq_disconnect", "zmq_close",
                                  "zmq_version", "zmq_ctx_new"};
constexpr std::size_t kCount = std::size(kNames);
constexpr std::size_t kContext = kCount - 1;
static_assert(offsetof(Libzmq, is_calling) == kCount * sizeof(void*));

struct Functions {
  void* of[kCount] = {};

  bool are_complete() const {
    std::size_t found = 0;
    while (found < kCount && of[found] != nullptr) ++found;
    return found == kCount;
  }
};

// What everything in the program is bound to, since it was there from the start; it cannot be
// unloaded.
struct AtStart {
  Functions functions;
  std::uintptr_t begin = 0;  // of libzmq itself
  std::uintptr_t end = 0;
  long process = 0;

  bool contains(const void* code) const {
    const auto address = reinterpret_cast<std::uintptr_t>(code);
    return address >= begin && address < end;
  }
};
constinit AtStart g_at_start;
constinit std::atomic<bool> g_has_started = false;

// Stops at the object that has the function in it.
int measure(dl_phdr_info* info, std::size_t, void*) {
  const auto wanted = reinterpret_cast<std::uintptr_t>(g_at_start.functions.of[kContext]);
  std::uintptr_t begin = UINTPTR_MAX;
  std::uintptr_t end = 0;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = info->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD) continue;
    const std::uintptr_t at = info->dlpi_addr + segment.p_vaddr;
    begin = at < begin ? at : begin;
    end = at + segment.p_memsz > end ? at + segment.p_memsz : end;
  }
  if (wanted < begin || wanted >= end) return 0;
  g_at_start.begin = begin;
  g_at_start.end = end;
  return 1;
}

// dlsym alone knows what is for the whole program. It is asked only for what some object has: its
// failure would be the next thing that dlerror tells the program.
void bind_at_start(Functions& functions) {
  NextSymbols any(NextSymbols::Lock::kMustNotTake);
  NextSymbols for_all(NextSymbols::Lock::kMayTake);
  for (std::size_t i = 0; i < kCount; ++i) {
    if (any.find(kNames[i], nullptr) == nullptr) continue;
    functions.of[i] = for_all.find(kNames[i], nullptr);
  }
}

// One object as it was when it called: what is loaded in its place later can have all of its
// addresses, but not its name as well.
struct Caller {
  std::uintptr_t object = 0;
  std::uintptr_t dynamic = 0;
  std::uint64_t name = 0;

  Caller() = default;
  explicit Caller(const link_map& map)
      : object(reinterpret_cast<std::uintptr_t>(&map)),
        dynamic(reinterpret_cast<std::uintptr_t>(map.l_ld)),
        name(content_hash(map.l_name == nullptr ? "" : map.l_name)) {}
  bool operator==(const Caller&) const = default;
};

// What one caller is bound to.
struct Bound {
  Caller caller;
  Functions functions;
  std::uintptr_t is_calling = 0;
};

Libzmq made_of(const Bound& bound) {
  Libzmq libzmq;
  std::memcpy(static_cast<void*>(&libzmq), bound.functions.of, sizeof bound.functions.of);
  libzmq.is_calling = bound.is_calling != 0;
  return libzmq;
}

// In words that may be read while they are written: `version` is odd meanwhile, and another one
// afterwards.
class Slot {
 public:
  bool read(Bound& bound) const {
    const std::uint32_t before = version_.load(std::memory_order_acquire);
    if (before % 2 != 0) return false;
    std::uintptr_t words[kWords];
    for (std::size_t i = 0; i < kWords; ++i) words[i] = words_[i].load(std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_acquire);
    if (version_.load(std::memory_order_relaxed) != before) return false;
    std::memcpy(static_cast<void*>(&bound), words, sizeof bound);
    return true;
  }

  // Where another thread is at it, it goes without.
  void write(const Bound& bound) {
    std::uint32_t before = version_.load(std::memory_order_relaxed);
    if (before % 2 != 0) return;
    if (!version_.compare_exchange_strong(before, before + 1, std::memory_order_acquire)) return;
    std::atomic_thread_fence(std::memory_order_release);
    std::uintptr_t words[kWords];
    std::memcpy(words, &bound, sizeof bound);
    for (std::size_t i = 0; i < kWords; ++i) words_[i].store(words[i], std::memory_order_relaxed);
    version_.store(before + 2, std::memory_order_release);
  }

 private:
  static constexpr std::size_t kWords = sizeof(Bound) / sizeof(std::uintptr_t);
  static_assert(sizeof(Bound) % sizeof(std::uintptr_t) == 0);

  std::atomic<std::uint32_t> version_ = 0;
  std::atomic<std::uintptr_t> words_[kWords] = {};
};

// Of one caller each; a further one takes the place of another.
constinit Slot g_slots[8];

const link_map* object_of(const CLibrary& c, const void* address) {
  ObjectAround found = {};
  return c.find_object(address, &found) == 0 ? found.object : nullptr;
}

// Whether each is still where it was: what was unloaded, and loaded again perhaps, is looked up
// anew.
bool are_there(const CLibrary& c, const Functions& functions) {
  for (std::size_t i = 0; i < kCount; ++i) {
    if (functions.of[i] == nullptr) continue;
    const link_map* const object = object_of(c, functions.of[i]);
    if (object == nullptr) return false;
    const system::LoadedObject symbols(object->l_addr, object->l_ld);
    if (symbols.find(kNames[i], nullptr) != functions.of[i]) return false;
  }
  return true;
}

bool recall(const CLibrary& c, const Caller& caller, Bound& bound) {
  for (const Slot& slot : g_slots) {
    if (slot.read(bound) && bound.caller == caller) return are_there(c, bound.functions);
  }
  return false;
}

void remember(const Bound& bound) {
  Bound before;
  for (Slot& slot : g_slots) {
    const bool is_read = slot.read(before);
    if (is_read && (before.caller == bound.caller || before.caller.object == 0)) {
      return slot.write(bound);
    }
  }
  g_slots[bound.caller.dynamic / 4096 % std::size(g_slots)].write(bound);
}

bool is_libzmq(const link_map* object) {
  return object != nullptr &&
         system::LoadedObject(object->l_addr, object->l_ld).find(kNames[kContext], nullptr) !=
             nullptr;
}

class Search {
 public:
  Search(const CLibrary& c, const void* caller, Bound& bound)
      : c_(c), caller_(caller), bound_(bound) {}

  void run() {
    const int error = errno;
    const bool is_child = g_at_start.process != 0 && system::call(SYS_getpid) != g_at_start.process;
    if (is_child) {
      bind(LoadedList::kDoubtful);
    } else {
      c_.iterate(&Search::step, this);
      // A thread that waits for this one can hold dlsym's lock: so only where there is a choice.
      if (definers_ > 1) bind_for_all();
      is_counted_ = true;
      if (definers_ != 0) c_.iterate(&Search::step, this);
    }
    errno = error;
  }

 private:
  // Of the loader's walk, the first step is all that it takes to hold its list still.
  static int step(dl_phdr_info*, std::size_t, void* self) {
    auto& search = *static_cast<Search*>(self);
    if (search.is_counted_) {
      search.bind(LoadedList::kHeldStill);
    } else {
      search.definers_ = count_definers(kNames, kCount, LoadedList::kHeldStill);
    }
    return 1;
  }

  void bind(LoadedList list) {
    bind_for(caller_, kNames, bound_.functions.of, kCount, list);
    bound_.is_calling = is_libzmq(system::object_around(caller_));
  }

  // One may have been loaded for the whole program since. What succeeds in the end takes away what
  // dlerror would tell the program.
  void bind_for_all() {
    if (c_.find_next == nullptr) return;
    for (std::size_t i = 0; i < kCount; ++i) {
      void*& function = bound_.functions.of[i];
      if (function == nullptr) function = c_.find_next(RTLD_NEXT, kNames[i]);
    }
    c_.find_next(RTLD_NEXT, "dlsym");
  }

  const CLibrary& c_;
  const void* caller_;
  Bound& bound_;
  std::size_t definers_ = 0;
  bool is_counted_ = false;
};

}  // namespace

void find_libzmq_at_start() {
  g_at_start.process = system::call(SYS_getpid);
  bind_at_start(g_at_start.functions);
  if (g_at_start.functions.of[kContext] != nullptr) c_library().iterate(&measure, nullptr);
  g_has_started.store(true, std::memory_order_release);
}

Libzmq find_libzmq(const void* caller) {
  Bound bound;
  if (g_has_started.load(std::memory_order_acquire)) {
    bound.functions = g_at_start.functions;
    bound.is_calling = g_at_start.contains(caller);
    if (bound.functions.are_complete() || bound.is_calling != 0) return made_of(bound);
  }
  const CLibrary c = c_library();
  const link_map* const object = c.find_object == nullptr ? nullptr : object_of(c, caller);
  if (object == nullptr) {
    Search(c, caller, bound).run();
    return made_of(bound);
  }
  const Caller named(*object);
  Bound recalled;
  if (recall(c, named, recalled)) return made_of(recalled);
  Search(c, caller, bound).run();
  bound.caller = named;
  // What is missing may yet be loaded.
  if (bound.functions.are_complete()) remember(bound);
  return made_of(bound);
}

}  // namespace sockopt::zmq
