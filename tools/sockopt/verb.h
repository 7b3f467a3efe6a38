// SPDX-License-Identifier: MIT
//
// What a verb of the command is: words for its help, arguments for CLI11 to read, and something to
// do. To add one: write its file, which defines a `const Verb`, declare that in verbs.h and list it
// in verbs.cc and the file in CMakeLists.txt. Overview, help, completion and error messages follow
// from it.
#pragma once

#include <functional>
#include <span>
#include <string_view>

namespace CLI {
class App;
}

namespace sockopt {

/// What the command's exit status says.
enum ExitStatus : int {
  kDone = 0,
  kFault = 1,    ///< a fault was found, or something could not be done
  kUsage = 2,    ///< the command line, or unreadable input
  kPartial = 3,  ///< not everything could be seen
  // Of `run`, in whose place otherwise the program's own status stands.
  kNotStarted = 125,
  kNotExecutable = 126,
  kNotFound = 127,
};

/// Whether trying a verb out can change anything; what only looks is shown first.
enum class Effect { kLooks, kStarts, kChanges };

struct Example {
  std::string_view command;
  std::string_view meaning;
};

struct Verb {
  std::string_view name;
  Effect effect;
  std::string_view summary;      ///< for the overview: half a line
  std::string_view usage;        ///< what follows `sockopt NAME`
  std::string_view description;  ///< for its own help: two or three lines
  std::span<const Example> examples;
  int usage_status = kUsage;  ///< the exit status for a wrong command line

  /// Declares the arguments. What it returns is called once they are read, and returns the exit
  /// status.
  std::function<int()> (*declare)(CLI::App& arguments);
};

}  // namespace sockopt
