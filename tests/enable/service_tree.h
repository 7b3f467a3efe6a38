// SPDX-License-Identifier: MIT
//
// A system in a directory: unit files, the library and a configuration. `sockopt enable` works on
// it with --root, so that no test touches the host's units.
#pragma once

#include <string>
#include <vector>

#include "tests/support/sockopt_command.h"
#include "tests/support/units/unit_tree.h"

namespace sockopt::test {

class ServiceTree : public UnitTree {
 public:
  /// With the library where it would be installed, and a configuration that asks for something.
  ServiceTree();

  /// A vendor's unit.
  void service(const std::string& name, const std::string& lines = {});

  /// The command, with all that it takes to run it.
  void install_command() const;

  Finished enable(std::vector<std::string> arguments);
  Finished disable(std::vector<std::string> arguments);

  /// The drop-in of a unit, and its path in the tree.
  static std::string drop_in(const std::string& unit);
  std::string written(const std::string& unit) const { return read(drop_in(unit)); }
  std::string read(const std::string& path) const;
  bool exists(const std::string& path) const;

  /// LD_PRELOAD of the unit as it stands.
  std::string preload(const std::string& unit) const;

  /// Every file below /etc, with what it holds.
  std::string all_of_etc() const;
};

/// An exit status of `enable` or `disable` with all that was said.
testing::AssertionResult ends_with_status(const Finished& finished, int expected);

inline constexpr char kLibrary[] = "/usr/local/lib/libsockopt.so";
inline constexpr char kConfiguration[] = SOCKOPT_DEFAULT_CONFIG;

}  // namespace sockopt::test
