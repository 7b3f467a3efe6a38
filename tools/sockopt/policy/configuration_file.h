// SPDX-License-Identifier: MIT
//
// A configuration file as `check` reads it: whatever the library thinks of its owner and mode; that
// is told besides.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sockopt {

struct ConfigurationFile {
  std::string text;
  std::string refusal;  ///< why our own user's library would not read it; empty: it would
};

/// One that is named may also be a pipe, or hang for as long as nobody writes to it; `-` is
/// standard input. One in force is the library's to read, and is regular.
enum class Reading { kNamed, kInForce };

/// What standard input is called in messages.
inline constexpr std::string_view kStandardInput = "<stdin>";

/// The file, or why it cannot be read.
std::variant<ConfigurationFile, std::string> read_configuration_file(const std::string& path,
                                                                     Reading reading);

/// The command that shows what is wrong: in this file, or in those in force where none is named.
std::string check_command(const std::string& named);

/// The files that a program started from here would read, in their order. None where there is none,
/// and, with `fault` why, where it would read none.
std::vector<std::string> configuration_in_force(std::string& fault);

}  // namespace sockopt
