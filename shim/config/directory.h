// SPDX-License-Identifier: MIT
//
// The file names in sockopt.d, in reading order, without opendir(3), which allocates.
#pragma once

#include <cstddef>
#include <cstdint>

#include "shim/text/text.h"

namespace sockopt {

class DirectoryNames {
 public:
  static constexpr std::size_t kMost = 60;

  /// Reads the names that end in `.ini` and do not begin with a dot, and returns how many they are.
  /// `error` says so if the directory exists and cannot be read, or holds too many.
  std::size_t read(const char* path, Text& error);

  const char* name(std::size_t index) const { return names_ + offsets_[index]; }

 private:
  bool add(std::string_view name);
  void sort();

  std::size_t size_;
  std::size_t count_;
  std::uint16_t offsets_[kMost];
  alignas(std::uint64_t) char entries_[4096];  // as the kernel tells of them
  char names_[8192];
};

}  // namespace sockopt
