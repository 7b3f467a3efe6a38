// SPDX-License-Identifier: MIT
//
// Which program a process runs, under every name people may use for it: the executable, what was
// exec'ed (the script of a #!), argv[0], and, for interpreters, the script they were given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sockopt {

class Program {
 public:
  /// The names of this process, from /proc and the auxiliary vector.
  void read_self();

  /// The names that running `path` with these arguments would have; `arguments` is as in
  /// /proc/PID/cmdline, each ended by NUL, argv[0] first.
  void set(std::string_view executable, std::string_view executed, std::string_view arguments);

  /// A pattern with a `/` is compared with whole paths, any other with base names.
  bool matches(std::string_view pattern) const;

  std::string_view name() const;

  /// All names, as paths where they are known as such.
  std::size_t count() const { return count_; }
  std::string_view path(std::size_t index) const { return names_[index]; }

 private:
  static constexpr std::size_t kMostNames = 4;

  void add(std::string_view path);

  std::string_view names_[kMostNames];
  std::size_t count_ = 0;
  char executable_[1024];
  char arguments_[4096];
};

}  // namespace sockopt
