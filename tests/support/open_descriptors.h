// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <filesystem>
#include <iterator>

namespace sockopt::test {

/// Of this process; the one that counts them is among them.
inline std::size_t open_descriptors() {
  std::filesystem::directory_iterator numbers("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(numbers), end(numbers)));
}

}  // namespace sockopt::test
