// SPDX-License-Identifier: MIT
//
// Enables one service after the other: what is written, what is said, and what came of each.
#pragma once

#include <string>
#include <vector>

#include "tools/sockopt/report/finding.h"
#include "tools/sockopt/report/output.h"
#include "tools/sockopt/verbs/enable/unit_arguments.h"

namespace sockopt {

struct EnableArguments {
  UnitArguments common;
  std::string configuration;
  std::string engine{};
  bool require = false;
  bool json = false;
};

/// What came of one unit.
struct EnabledUnit {
  std::string name;
  std::string path;    ///< of the drop-in, from outside; empty where it is not known
  std::string engine;  ///< `preload`, `bpf`
  std::string result;  ///< `changed`, `unchanged`, `would create`, `would change`, `refused`
  Findings findings{};
  std::string applied{};  ///< of --now, as `sockopt apply --json` says it; empty: nothing ran
  int status = 0;
};

/// Messages go to standard error, all else to `out`.
std::vector<EnabledUnit> enable_units(const FileTree& files, const EnableArguments& given,
                                      Output& out);

/// What could not be done outweighs what was done in vain, and that what could not be seen.
int worse(int a, int b);

}  // namespace sockopt
