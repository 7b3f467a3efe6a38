// SPDX-License-Identifier: MIT
//
// The policy that a process holds, read when it was started, beside what it would read now.
#pragma once

#include <string>
#include <vector>

#include "tools/sockopt/diagnosis/held_facts.h"
#include "tools/sockopt/diagnosis/reach.h"

namespace sockopt {

/// What the process would read if it were started now.
struct FilesNow {
  std::vector<ReadFile> files;
  bool asks_for_options = false;  ///< the files or its own variables
  bool disabled = false;          ///< SOCKOPT_DISABLE in its environment
  std::string named{};            ///< the file of its SOCKOPT_CONFIG; empty: the usual ones
  Findings faults{};              ///< what is wrong in them, or with its variables
  Findings closed{};              ///< files that its user may not read
  std::vector<std::string> closed_files{};
  bool asks_for_zmq = false;  ///< they, or its variables, have options of ZeroMQ's sockets
};

FilesNow read_files_now(const ForeignProcess& process, const ProcessFacts& facts,
                        const HeldFacts& held);

Findings examine_held(const HeldFacts& held, const FilesNow& now, const ReachFacts& reach);

}  // namespace sockopt
