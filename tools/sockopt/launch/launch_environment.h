// SPDX-License-Identifier: MIT
//
// The environment of a program that is about to be started: ours, with a few variables changed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sockopt {

class LaunchEnvironment {
 public:
  explicit LaunchEnvironment(const char* const* environment);

  /// Behind all others, and instead of every other of that name.
  void set(std::string_view name, std::string_view value);

  /// Puts the library in front of what LD_PRELOAD holds.
  void preload(std::string_view library);

  /// As environ(7); good until the next change.
  const char* const* pointers();
  const std::vector<std::string>& entries() const { return entries_; }

 private:
  std::vector<std::string> entries_;
  std::vector<const char*> pointers_;
};

}  // namespace sockopt
