// SPDX-License-Identifier: MIT
//
// Running the actor (victims/actor.cc) under a condition, and reading what it printed. A script is
// a list of steps; a test mostly says which steps, under which variables, and what one of them is
// to answer.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/process.h"

namespace sockopt::test {

using Script = std::vector<std::string>;

std::filesystem::path victim(std::string_view name);

/// Two scripts, one after the other.
Script operator+(Script first, const Script& second);

/// A listener called `l`, ready to accept: `family` is inet or inet6.
Script tcp_listener(int backlog = 5, const std::string& family = "inet",
                    const std::string& protocol = "0");

struct Played {
  Finished finished;
  std::vector<std::string> lines;  ///< `STEP = RESULT`

  /// The result of the last time that the step was done; `(not done)` if it never was.
  std::string result(std::string_view step) const;
  /// The same as a number; fails the test if it is none.
  int number(std::string_view step) const;
  const std::string& error() const { return finished.error; }
};

/// The command that plays the script, for tests that change something about it.
Command actor(const Script& script, const Environment& environment);

/// Plays it to its end, which must be a good one.
Played play(const Script& script, const Environment& environment);
Played play(Command command);

/// Without the shim.
Played play_plainly(const Script& script);
/// With it and these SOCKOPT_ variables, given without the prefix: {{"KEEPIDLE", "60s"}}.
Environment variables(const Environment& settings);
Played play_with(const Environment& settings, const Script& script);

/// How often a system call was made between the first `mark` step and the second.
struct Traced {
  Played played;
  std::vector<std::string> calls;  ///< setsockopt, getsockopt and listen, as strace prints them
};
bool has_strace();
Traced trace(const Script& script, const Environment& environment);
#define SOCKOPT_NEEDS_STRACE() \
  if (!::sockopt::test::has_strace()) GTEST_SKIP() << "strace is not installed"
#define SOCKOPT_NEEDS_ROOT() \
  if (geteuid() != 0) GTEST_SKIP() << "only root can start programs as other users"

/// How often `needle` occurs.
int occurrences(std::string_view text, std::string_view needle);

inline constexpr char kSkipsWithoutMptcp[] = "this kernel has no MPTCP, or net.mptcp.enabled is 0";
bool has_mptcp();

}  // namespace sockopt::test
