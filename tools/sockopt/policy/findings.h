// SPDX-License-Identifier: MIT
//
// Faults and warnings about a configuration: collected while it is read, and shown with the line
// they are about and a caret under what is wrong in it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "shim/config/fault.h"
#include "tools/sockopt/report/output.h"
#include "tools/sockopt/report/terminal.h"

namespace sockopt {

struct Finding {
  enum class Kind { kError, kWarning, kNote };

  Kind kind = Kind::kError;
  std::string source;        ///< the file's path, or `environment`
  std::uint32_t line = 0;    ///< from 1; 0 where the whole source is meant
  std::uint32_t column = 0;  ///< from 1; 0 where the whole line is meant
  std::uint32_t length = 0;
  std::string message;

  /// `sockopt.ini:7:12`, without what is 0.
  std::string place() const;
};

/// `error`, `warning`, `note`.
std::string word(Finding::Kind kind);

class Findings {
 public:
  /// For the readers of shim/config.
  FaultSink sink() { return {&Findings::take, this}; }

  void add(Finding finding) { all_.push_back(std::move(finding)); }

  bool empty() const { return all_.empty(); }
  std::size_t count(Finding::Kind kind) const;

  /// In the order of the lines; what is about the whole source comes first.
  void sort();

  auto begin() const { return all_.begin(); }
  auto end() const { return all_.end(); }

 private:
  static void take(void* self, const Fault& fault);

  std::vector<Finding> all_;
};

/// A text by its lines, as read_configuration counts them.
class SourceLines {
 public:
  explicit SourceLines(std::string_view text);

  /// Empty where there is no such line.
  std::string_view line(std::uint32_t number) const;

 private:
  std::vector<std::string_view> lines_;
};

/// `PLACE: error: MESSAGE`, the line, and what of it is meant.
void print_finding(Output& out, const Style& style, const SourceLines& lines,
                   const Finding& finding);

}  // namespace sockopt
