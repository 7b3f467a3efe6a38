// SPDX-License-Identifier: MIT
//
// The library in a process, and the policy that it holds.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/inspect/held_policy.h"

namespace sockopt {

struct ReadFile {
  std::string path;
  std::uint64_t hash = 0;
};

struct HeldFacts {
  std::string library{};  ///< its path
  std::string version{};
  bool idle = true;
  bool hooks_disabled = false;  ///< the program has installed a seccomp filter
  bool met_socket = true;       ///< it, or what it is descended from, opened a TCP socket before
  bool readable = false;        ///< the policy could be read; what follows is of that
  std::uint32_t faults = 0;
  std::vector<std::string> refused{};  ///< options, by key
  std::size_t settings = 0;
  std::size_t rules = 0;      ///< that they are in, besides [sockopt]
  std::size_t variables = 0;  ///< of the settings, those of SOCKOPT_ variables
  std::vector<ReadFile> files{};
};

std::vector<ReadFile> files_in(const Policy& policy);
HeldFacts facts_of(const HeldPolicy& held);

}  // namespace sockopt
