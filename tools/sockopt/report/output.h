// SPDX-License-Identifier: MIT
//
// What the command says. Data is collected and goes to standard output in one piece at the end, so
// that nothing blocks while a verb is at work; errors are one line each on standard error. A full
// disk or a reader that went away is an exit status, never a signal.
#pragma once

#include <fmt/format.h>

#include <span>
#include <string>
#include <string_view>

namespace sockopt {

class Output {
 public:
  /// To another descriptor than standard output, which is closed at the end as well.
  explicit Output(int fd = 1) : fd_(fd) {}

  template <typename... Values>
  void print(fmt::format_string<Values...> format, Values&&... values) {
    append(format, fmt::make_format_args(values...));
  }
  void write(std::string_view text) { text_ += text; }
  /// Lines that must not be lost: where the output cannot be written, they go to standard error.
  void keep(std::string_view lines) { kept_ += lines; }

  /// What was collected so far.
  const std::string& text() const { return text_; }

  /// What may be long is written as it grows, once there is nothing left that must not be kept
  /// waiting. False where it can no longer be written, and need not be made.
  bool write_if_much();
  /// What was collected, now. False where it can no longer be written.
  bool flush();

  /// Writes all of it. Returns `status`, or kFault where it could not be written.
  int finish(int status);

 private:
  // Not in the header: what fmt makes of it would be compiled in every file.
  void append(fmt::string_view format, fmt::format_args values);

  int fd_;
  int error_ = 0;
  bool written_ = false;
  std::string text_;
  std::string kept_;
};

/// `sockopt: WHAT: WHY` on standard error. Both may hold anything: they are escaped.
void complain(std::string_view what, std::string_view why);

/// `sockopt: warning: WHAT: WHY`: the command goes on.
void warn(std::string_view what, std::string_view why);

/// A line of help on standard error, after an error.
void hint(std::string_view line);

/// What came from outside, fit for a terminal: control bytes and what is not ASCII as \xNN, cut if
/// long. What went through it once passes unchanged.
std::string printable(std::string_view outside, std::size_t limit = 400);

/// `a, b, c`
std::string joined(std::span<const std::string> words, std::string_view between = ", ");
std::string joined(std::span<const std::string_view> words, std::string_view between = ", ");

/// `1 setting`, `2 settings`, `2 processes`.
std::string counted(std::size_t count, std::string_view noun);

/// This host's, fit to be printed: reports of many hosts are kept together.
std::string host_name();

}  // namespace sockopt
