// SPDX-License-Identifier: MIT
//
// Gathers what examine_reach goes by.
#pragma once

#include "tools/inspect/foreign_process.h"
#include "tools/inspect/held_policy.h"
#include "tools/inspect/result.h"
#include "tools/sockopt/diagnosis/reach.h"

namespace sockopt {

/// `held` is what read_held_policy says: null where the library is not in the process.
Result<ReachFacts> read_reach_facts(const ForeignProcess& process, const HeldPolicy* held,
                                    const ElfMachines& library_machines);

/// The files as the process sees them: below its root directory, where that is another one.
Result<FileTree> files_of(const ForeignProcess& process);

}  // namespace sockopt
