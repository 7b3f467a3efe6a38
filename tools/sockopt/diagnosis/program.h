// SPDX-License-Identifier: MIT
//
// A program before it is started: whether the library will reach it, and what the policy has for
// it.
#pragma once

#include <string>
#include <vector>

#include "tools/sockopt/diagnosis/examined.h"
#include "tools/sockopt/launch/elf_file.h"
#include "tools/sockopt/policy/effective_policy.h"

namespace sockopt {

/// What machine code alone tells of a program. `path` is the file's; `apply` the command that gives
/// it options from outside, empty where it would be in vain.
Findings examine_code(const std::string& path, const ElfFile& file, const ElfMachines& library,
                      const std::string& apply);

/// How many settings are for the program; nothing where none is.
Findings examine_settings_for(const Policy& policy, const Program& program);

/// `sources` is what the effective policy was made from.
Examined examine_program(const std::vector<std::string>& words, const EffectivePolicy& effective,
                         const PolicySources& sources);

}  // namespace sockopt
