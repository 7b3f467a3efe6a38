// SPDX-License-Identifier: MIT
//
// What a command line of env(1) says: what becomes of the environment, and of which program.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace sockopt {

struct EnvCall {
  std::vector<std::string> before{};   ///< env, its options and the assignments
  std::vector<std::string> program{};  ///< empty where it only prints
  std::size_t assignments = 0;         ///< where they begin in `before`
  bool clears = false;                 ///< -i
  bool removes_preload = false;        ///< -u LD_PRELOAD
  /// Where -S holds further words: the line with them in its place, to be read instead.
  std::optional<std::vector<std::string>> split{};
};

EnvCall read_env(const std::vector<std::string>& words);

}  // namespace sockopt
