// SPDX-License-Identifier: MIT
//
// Running the actor (tests/support/actor) under a condition. A script is a list of steps, and may
// say beside a step what it is to answer:
//
//   play_with({{"KEEPIDLE", "61s"}}, "listener l; client c l; accept a l; get a TCP_KEEPIDLE =
//   61");
//
// `=`, `!=` and `>=` are held against the answer; of a step that is done again, each time against
// its own. `listener NAME [BACKLOG] [inet6] [mptcp]` is short for the three steps that make one.
#pragma once

#include <filesystem>
#include <initializer_list>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/requirements.h"

namespace sockopt::test {

class Script : public std::vector<std::string> {
 public:
  using vector::vector;
  Script() = default;
  Script(const char* steps) { add(steps); }
  Script(const std::string& steps) { add(steps); }
  Script(std::initializer_list<std::string> steps) {
    for (const std::string& step : steps) add(step);
  }

 private:
  void add(std::string_view steps);
};

std::filesystem::path victim(std::string_view name);

/// Two scripts, one after the other.
Script operator+(Script first, const Script& second);

/// One of several that a test plays, and what it is called.
struct NamedScript {
  const char* name;
  Script script;
};
inline void PrintTo(const NamedScript& row, std::ostream* out) { *out << row.name; }
inline constexpr auto by_name = [](const auto& row) { return std::string(row.param.name); };

struct Played {
  Finished finished;
  std::vector<std::string> lines;  ///< `STEP = RESULT`

  /// The results of the step, each time that it was done.
  std::vector<std::string> results(std::string_view step) const;
  /// The result of the last time that the step was done; `(not done)` if it never was.
  std::string result(std::string_view step) const;
  /// The same as a number; fails the test if it is none.
  int number(std::string_view step) const;
  const std::string& error() const { return finished.error; }
};

using Where = std::source_location;

/// The command that plays the script, for tests that change something about it.
Command actor(const Script& script, const Environment& environment);

/// Plays it to its end, which must be a good one, and holds the answers against what the script
/// expects.
Played play(const Script& script, const Environment& environment, Where = Where::current());
Played play(Command command, Where = Where::current());
/// The same where the actor cannot print to its standard output: it prints to descriptor 900.
Played play_aside(Command command, Where = Where::current());

/// Without the library.
Played play_plainly(const Script& script, Where = Where::current());
/// With it and these SOCKOPT_ variables, given without the prefix: {{"KEEPIDLE", "60s"}}.
Environment variables(const Environment& settings);
Played play_with(const Environment& settings, const Script& script, Where = Where::current());

/// What is done between the first `mark` step and the second.
struct Traced {
  Played played;
  std::vector<std::string> calls;  ///< setsockopt, getsockopt and listen, as strace prints them
};
Traced trace(const Script& script, const Environment& environment, Where = Where::current());

/// How often `needle` occurs.
int occurrences(std::string_view text, std::string_view needle);

}  // namespace sockopt::test
