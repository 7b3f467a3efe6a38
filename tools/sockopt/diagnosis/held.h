// SPDX-License-Identifier: MIT
//
// The policy that a process holds, read when it was started, beside what it would read now.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/inspect/held_policy.h"
#include "tools/sockopt/diagnosis/diagnosis.h"
#include "tools/sockopt/diagnosis/reach.h"

namespace sockopt {

struct ReadFile {
  std::string path;
  std::uint64_t hash = 0;
};

/// What the process would read if it were started now.
struct FilesNow {
  std::vector<ReadFile> files;
  bool asks_for_options = false;  ///< the files or its own variables
  bool disabled = false;          ///< SOCKOPT_DISABLE in its environment
  std::string named{};            ///< the file of its SOCKOPT_CONFIG; empty: the usual ones
};

struct HeldFacts {
  bool idle = true;
  std::string version;
  std::uint32_t faults = 0;
  std::vector<std::string> refused;  ///< options, by key
  bool readable = false;             ///< the policy could be read
  bool hooks_disabled = false;       ///< by the program's seccomp filter
  std::size_t settings = 0;
  std::size_t rules = 0;      ///< that they are in, besides [sockopt]
  std::size_t variables = 0;  ///< of the settings, those of SOCKOPT_ variables
  std::vector<ReadFile> files;
};

HeldFacts facts_of(const HeldPolicy& held);

/// For programs: the library in the process, and what it holds.
nlohmann::ordered_json library_json(const HeldPolicy& held, const HeldFacts& facts);
FilesNow read_files_now(const ForeignProcess& process, const ProcessFacts& facts,
                        const std::vector<ReadFile>& held);

Diagnoses examine_held(const HeldFacts& held, const FilesNow& now, const ReachFacts& reach);

}  // namespace sockopt
