// SPDX-License-Identifier: MIT
//
// What systemd itself makes of a tree of unit files: its manager in test mode loads them and prints
// what it understood. The second opinion for our own reading.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/units/unit_tree.h"

namespace sockopt::test {

struct SystemdDump {
  /// `Environment`, `Fragment Path`, `DropIn Path` ...: the values in their order, paths without
  /// the root.
  std::map<std::string, std::vector<std::string>> properties;
  std::string messages;  ///< what it complained of

  std::vector<std::string> sorted(const std::string& property) const;
};

/// Why there is no systemd to ask; empty if there is one.
std::string no_systemd();

/// Of these units; nothing for one that systemd did not load. Adds to the tree what systemd needs
/// besides.
std::map<std::string, SystemdDump> ask_systemd(UnitTree& tree,
                                               const std::vector<std::string>& units);

}  // namespace sockopt::test
