// SPDX-License-Identifier: MIT
//
// A service of this host as it stands, enabled or not: what keeps the library from its next start.
#pragma once

#include <optional>
#include <string>

#include "tools/sockopt/doctor/diagnosis.h"

namespace sockopt {

/// Nothing where it is no service that systemd could load. `name` may lack `.service`.
std::optional<Examined> examine_unit(const std::string& name);

}  // namespace sockopt
