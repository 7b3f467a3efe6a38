// SPDX-License-Identifier: MIT
//
// Findings for people: those about a configuration with the line and a caret under what is wrong in
// it, as compilers show them; all others as lines of a report.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "tools/sockopt/report/finding.h"
#include "tools/sockopt/report/output.h"
#include "tools/sockopt/report/terminal.h"

namespace sockopt {

/// A text by its lines, as read_configuration counts them.
class SourceLines {
 public:
  explicit SourceLines(std::string_view text);

  /// Empty where there is no such line.
  std::string_view line(std::uint32_t number) const;

 private:
  std::vector<std::string_view> lines_;
};

/// `PLACE: error: WHAT; FIX`, the line, and what of it is meant.
void print_in_source(Output& out, const Style& style, const SourceLines& lines,
                     const Finding& finding);

/// `WARN TOPIC  WHAT   fix: FIX`, a line each, the worst first; what is equally bad stays in its
/// order. With a width in as many lines as it takes.
void print_report(Output& out, const Style& style, std::optional<std::size_t> width,
                  const Findings& findings);

}  // namespace sockopt
