// SPDX-License-Identifier: MIT
//
// Units that only stand for others: Debian's postgresql.service runs /bin/true, and what serves is
// postgresql@15-main.service. The drop-in belongs to those.
#pragma once

#include <string>
#include <vector>

#include "tools/systemd/unit.h"

namespace sockopt {

/// Whether the unit starts nothing that could open a socket.
bool starts_nothing(const SystemdUnit& unit);

/// The units that the one stands for, as far as can be told: those that it wants, and those that
/// say they are a part of it. A template (`postgresql@.service`) where its instances are unknown.
std::vector<std::string> find_backing_units(const FileTree& files, const UnitIndex& index,
                                            const SystemdUnit& unit);

}  // namespace sockopt
