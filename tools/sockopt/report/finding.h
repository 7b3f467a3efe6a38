// SPDX-License-Identifier: MIT
//
// What `check`, `doctor`, `enable` and `run` have to say: how bad it is, what it is about, where it
// is, what is so and why that matters, and what to do. Made by functions that know nothing of how
// it is shown.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sockopt {

/// From the worst.
enum class Level : std::uint8_t {
  kError,    ///< options do not reach a socket, or otherwise than was asked for; a faulty line
  kWarning,  ///< the kernel bounds what was asked for, or it is about to go wrong
  kNote,     ///< good to know
  kOk,
};

/// `error`, `warning`, `note`, `ok`.
std::string_view level_word(Level level);

/// Of a finding about a configuration.
struct Place {
  std::string file;          ///< its path, or `environment`; empty: it is not about one
  std::uint32_t line = 0;    ///< from 1; 0 where the whole file is meant
  std::uint32_t column = 0;  ///< from 1; 0 where the whole line is meant
  std::uint32_t length = 0;

  /// `sockopt.ini:7:12`, without what is 0.
  std::string text() const;
};

struct Finding {
  Level level = Level::kOk;
  std::string topic;  ///< a word: reach, backlog, policy
  std::string what;
  std::string fix{};  ///< a command or a line to write; empty where there is nothing to do
  Place place{};
  /// Worse than options that do not reach a socket: the program would be ended.
  bool ends_program = false;

  static Finding error(std::string topic, std::string what, std::string fix = {});
  static Finding warning(std::string topic, std::string what, std::string fix = {});
  static Finding note(std::string topic, std::string what, std::string fix = {});
  static Finding ok(std::string topic, std::string what);

  /// `sockopt.ini:7:12: WHAT`
  std::string placed() const;
  /// `WHAT; FIX`
  std::string sentence() const;
};

using Findings = std::vector<Finding>;

void append(Findings& all, Findings more);
std::size_t count(const Findings& findings, Level level);

}  // namespace sockopt
