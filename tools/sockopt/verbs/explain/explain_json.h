// SPDX-License-Identifier: MIT
//
// What a socket would get, and why, as `sockopt.explain/1`: for tests of a configuration, which
// compare it before a change and after.
#pragma once

#include <string>

#include "tools/sockopt/policy/explanation.h"
#include "tools/sockopt/report/finding.h"

namespace sockopt {

/// `faults` are those of the configuration; `is_bpf`: under the bpf engine. Stable: what is added
/// later is new keys.
std::string explanation_json(const Policy& policy, const SocketQuestion& question,
                             const Findings& faults, bool is_bpf);

}  // namespace sockopt
