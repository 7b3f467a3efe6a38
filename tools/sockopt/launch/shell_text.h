// SPDX-License-Identifier: MIT
//
// The text of a shell script as its simple commands, one after the other, whatever `if` or loop
// they stand in. What only the shell itself could tell, `$NAME` say, stays as it is written.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sockopt {

struct ShellCommand {
  std::size_t line = 1;                    ///< where it begins
  std::vector<std::string> assignments{};  ///< `NAME=VALUE` in front of it, or all that it is
  std::vector<std::string> words{};        ///< without quotes
  bool is_exec = false;                    ///< the shell becomes it
  bool clears = false;                     ///< `exec -c`: without an environment

  /// As good to read as it was written: `exec java -jar app.jar`.
  std::string text() const;
};

std::vector<ShellCommand> shell_commands(std::string_view text);

/// `NAME=VALUE`, with a name that a shell takes.
bool is_assignment(std::string_view word);

/// `sh`, `bash` and their kin, by the name of the program.
bool is_shell(std::string_view path);

}  // namespace sockopt
