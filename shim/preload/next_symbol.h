// SPDX-License-Identifier: MIT
//
// What the hooks intercept: the definition after ours in load order, as dlsym(RTLD_NEXT, name)
// returns it.
#pragma once

#include <string_view>

namespace sockopt {

class NextSymbols {
 public:
  /// A thread that waits for this one may hold the dynamic linker's lock: then it must not be
  /// taken.
  enum class Lock : bool { kMayTake, kMustNotTake };
  explicit NextSymbols(Lock lock);

  /// The function that a reference to `name` with this version of the C library's would bind to;
  /// null if nothing after us defines it.  `version` is null if the C library has none.
  void* find(const char* name, const char* version);

  /// Whether nothing was found but the C library's.
  bool found_the_c_librarys() const { return !found_others_; }

  bool is_the_c_librarys(const void* function) const;

 private:
  const void* c_library_;
  bool has_dlsym_;
  bool found_others_ = false;
};

/// The path this library was loaded from; empty if the dynamic linker does not tell.
std::string_view own_path();

}  // namespace sockopt
