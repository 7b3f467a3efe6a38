// SPDX-License-Identifier: MIT
//
// What a command line says of a program before it is started: what takes the library from it on the
// way, and what rules know it as.
#pragma once

#include <string>
#include <vector>

#include "shim/policy/policy.h"
#include "shim/policy/program.h"
#include "tools/sockopt/launch/start_line.h"
#include "tools/sockopt/policy/program_names.h"
#include "tools/sockopt/report/finding.h"

namespace sockopt {

/// Nothing where the library is handed on.
Findings examine_start_line(const StartLine& line);

/// What keeps the library from a program is no failure where that may only start another.
Findings softened(Findings found, const StartLine& line);

/// Rules that name programs, and not this one: no setting at all is for it, or those of other
/// programs are not. `script` is what it was started by; empty where that is not known.
Findings examine_rules_for(const Policy& policy, const Program& program,
                           const Program* script = nullptr);

}  // namespace sockopt
