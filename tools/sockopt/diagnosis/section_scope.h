// SPDX-License-Identifier: MIT
//
// Whether a line of a configuration concerns one program. A line of a rule for others does not,
// also where the rule was not understood: what it names as programs is then read from the text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "shim/policy/policy.h"
#include "tools/sockopt/report/finding.h"

namespace sockopt {

class SectionScope {
 public:
  /// Both must outlive it.
  SectionScope(const Policy& policy, const Program& program) : policy_(policy), program_(program) {}

  /// `text` is that of the whole file, of which `line` is one.
  bool concerns(std::string_view path, std::string_view text, std::uint32_t line) const;

  /// A finding of a line in a rule for other programs is of this level, and says so; false: it is
  /// left as it is.
  bool demote(Finding& finding, std::string_view text, Level level) const;

 private:
  bool is_named_in(std::string_view section) const;

  const Policy& policy_;
  const Program& program_;
};

}  // namespace sockopt
