// SPDX-License-Identifier: MIT
//
// A systemd unit as its files have it, before any of its processes: whether the library is given to
// them, and what would keep it from working.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tools/sockopt/diagnosis/examined.h"
#include "tools/systemd/unit.h"

namespace sockopt {

/// Why the unit cannot have the library; nothing where it can. Where it is only a wrapper, the
/// fix is the command that `for_units` makes of those behind it.
std::optional<Finding> find_unit_problem(
    const FileTree& files, const UnitIndex& index, const SystemdUnit& unit,
    const std::function<std::string(const std::vector<std::string>&)>& for_units);

/// `unit` is a full name. Of a unit without a file nothing is found: scopes have none.
Examined examine_unit(const FileTree& files, const std::string& unit);

}  // namespace sockopt
