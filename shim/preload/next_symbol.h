// SPDX-License-Identifier: MIT
//
// What the hooks stand in front of: the definition behind ours in the order in which the loader
// searches, as dlsym(RTLD_NEXT, name) answers.
#pragma once

#include <string_view>

namespace sockopt {

class NextSymbols {
 public:
  /// The loader's lock may be held by a thread that waits for this one: then it must not be taken.
  enum class Lock : bool { kMayTake, kMustNotTake };
  explicit NextSymbols(Lock lock);

  /// The function that a reference to `name`, of this version of the C library's, is bound to; null
  /// where nothing behind us defines it.  `version` is null where the C library has none.
  void* find(const char* name, const char* version) const;

 private:
  const void* c_library_;
  bool has_dlsym_;
};

/// The path that this library was loaded from; empty where the loader does not tell.
std::string_view own_path();

}  // namespace sockopt
