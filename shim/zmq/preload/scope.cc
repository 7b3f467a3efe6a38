// SPDX-License-Identifier: MIT
#include "shim/zmq/preload/scope.h"

#include <link.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "shim/system/loaded_object.h"
#include "shim/system/loader.h"
#include "shim/system/memory.h"
#include "shim/text/text.h"

// This object's own, and not what another one may export.
[[gnu::visibility("hidden")]] extern ElfW(Dyn) _DYNAMIC[];

namespace sockopt::zmq {
namespace {

system::LoadedObject symbols_of(const link_map& object) { return {object.l_addr, object.l_ld}; }

// As many as there is room for, each once.
class ObjectList {
 public:
  bool add(const link_map& object) {
    if (count_ == std::size(objects_) || contains(&object)) return false;
    objects_[count_++] = &object;
    return true;
  }
  bool contains(const link_map* object) const { return std::find(begin(), end(), object) != end(); }
  std::size_t size() const { return count_; }
  const link_map& operator[](std::size_t i) const { return *objects_[i]; }
  const link_map* const* begin() const { return objects_; }
  const link_map* const* end() const { return objects_ + count_; }

 private:
  const link_map* objects_[128];
  std::size_t count_ = 0;
};

// All that is loaded, in the order of loading.
class Loaded {
 public:
  explicit Loaded(LoadedList list) : is_doubtful_(list == LoadedList::kDoubtful) {}

  /// Until `visit` returns true.
  template <typename Visit>
  void each(const Visit& visit) const {
    constexpr int kMost = 8192;  // a list that leads back to itself has no end
    const link_map* object = system::first_loaded();
    for (int i = 0; i < kMost && is_sound(object); ++i, object = object->l_next) {
      if (is_sound(object->l_ld) && visit(*object)) return;
    }
  }

  /// Those behind this library that have one of the functions: what is before it in that order is
  /// not what it stands for.
  ObjectList definers(const char* const* names, std::size_t count) const {
    ObjectList found;
    bool is_behind_us = false;
    each([&](const link_map& object) {
      const auto defines = [&](const char* name) {
        return symbols_of(object).find(name, nullptr) != nullptr;
      };
      if (object.l_ld == _DYNAMIC) {
        is_behind_us = true;
      } else if (is_behind_us && std::any_of(names, names + count, defines)) {
        found.add(object);
      }
      return false;
    });
    return found;
  }

  /// Where the linker begins to search for the references of `object`: what was loaded first among
  /// what asks for it, directly or not.
  ObjectList roots_of(const link_map& object) const {
    ObjectList users;
    users.add(object);
    for (bool is_complete = false; !is_complete;) {
      is_complete = true;
      each([&](const link_map& other) {
        const auto is_asked_for = [&](const link_map* user) { return asks(other, *user); };
        if (!users.contains(&other) && std::any_of(users.begin(), users.end(), is_asked_for)) {
          is_complete = !users.add(other) && is_complete;
        }
        return false;
      });
    }
    ObjectList in_order;
    each([&](const link_map& other) {
      if (users.contains(&other)) in_order.add(other);
      return false;
    });
    return in_order;
  }

  /// An object, what it asks for, what that asks for ...
  ObjectList scope_of(const link_map& root) const {
    ObjectList scope;
    scope.add(root);
    for (std::size_t at = 0; at < scope.size(); ++at) {
      const system::LoadedObject object = symbols_of(scope[at]);
      const char* name = nullptr;
      for (std::size_t i = 0; (name = object.needed(i)) != nullptr; ++i) {
        each([&](const link_map& other) {
          const bool is_meant = is_called(other, name);
          if (is_meant) scope.add(other);
          return is_meant;
        });
      }
    }
    return scope;
  }

 private:
  template <typename T>
  bool is_sound(const T* object) const {
    return object != nullptr && (!is_doubtful_ || system::is_readable(object, sizeof *object));
  }

  static bool is_called(const link_map& object, std::string_view name) {
    const std::string_view path = object.l_name == nullptr ? "" : object.l_name;
    if (name == path) return true;
    if (const char* own = symbols_of(object).name(); own != nullptr) return name == own;
    return name == slice(path, path.rfind('/') + 1);
  }

  static bool asks(const link_map& object, const link_map& for_other) {
    const system::LoadedObject symbols = symbols_of(object);
    const char* name = nullptr;
    for (std::size_t i = 0; (name = symbols.needed(i)) != nullptr; ++i) {
      if (is_called(for_other, name)) return true;
    }
    return false;
  }

  bool is_doubtful_;
};

// Whether there was any.
bool fill(const link_map& object, const char* const* names, void** functions, std::size_t count) {
  const system::LoadedObject symbols = symbols_of(object);
  bool any = false;
  for (std::size_t i = 0; i < count; ++i) {
    void* const found = symbols.find(names[i], nullptr);
    any |= found != nullptr;
    if (functions[i] == nullptr) functions[i] = found;
  }
  return any;
}

}  // namespace

std::size_t count_definers(const char* const* names, std::size_t count, LoadedList list) {
  return Loaded(list).definers(names, count).size();
}

void bind_for(const void* caller, const char* const* names, void** functions, std::size_t count,
              LoadedList list) {
  const Loaded loaded(list);
  const ObjectList definers = loaded.definers(names, count);
  bool is_bound = false;
  // Mostly there is one, and no question.
  const link_map* const object = definers.size() > 1 ? system::object_around(caller) : nullptr;
  if (object != nullptr) {
    for (const link_map* root : loaded.roots_of(*object)) {
      for (const link_map* one : loaded.scope_of(*root)) {
        if (definers.contains(one)) is_bound |= fill(*one, names, functions, count);
      }
    }
  }
  for (const link_map* one : definers) {
    if (!is_bound) fill(*one, names, functions, count);
  }
}

}  // namespace sockopt::zmq
