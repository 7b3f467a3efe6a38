// SPDX-License-Identifier: MIT
//
// What was examined, and what was found there.
#pragma once

#include <optional>
#include <string>

#include "tools/sockopt/diagnosis/held_facts.h"
#include "tools/sockopt/report/finding.h"

namespace sockopt {

struct Examined {
  std::string kind;  ///< host, process, unit, program
  std::string name;  ///< nginx(812), redis-server.service
  Findings found;
  std::optional<HeldFacts> library{};  ///< of a process that has it
};

}  // namespace sockopt
