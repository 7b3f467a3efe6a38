// SPDX-License-Identifier: MIT
//
// What /proc tells of how a process was started and what holds it in: which program it
// runs, the environment it was given, its privileges, and the boxes it is in. Each process has
// these whether or not it has sockets.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/inspect/foreign_process.h"
#include "tools/inspect/result.h"

namespace sockopt {

/// The environment that a process was exec'ed with. It stands in memory of the process, and daemons
/// write their titles over it.
struct StartEnvironment {
  std::vector<std::string> entries;
  bool intact = true;

  /// Empty where it is unset or empty.
  std::string_view get(std::string_view name) const;
};

struct ProcessStatus {
  uid_t user = 0;                  ///< the effective one
  std::vector<gid_t> groups{};     ///< the effective one and the supplementary ones
  std::uint64_t capabilities = 0;  ///< the effective ones, as bits
  bool no_new_privileges = false;
  bool filtered = false;  ///< by seccomp

  bool can(int capability) const { return (capabilities >> capability & 1) != 0; }
};

struct ProcessFacts {
  std::string executable;  ///< empty for threads of the kernel
  StartEnvironment environment;
  bool secure = false;  ///< AT_SECURE: the loader took no orders from the environment
  ProcessStatus status;
  std::string cgroup;       ///< its paths in all hierarchies, a line each
  std::string confinement;  ///< the label of the security module; empty where it has none
};

Result<ProcessFacts> read_process_facts(const ForeignProcess& process);

StartEnvironment parse_environment(std::string_view environment);
std::optional<ProcessStatus> parse_status(std::string_view status);
/// AT_SECURE of an auxiliary vector; of a process of our own word size.
bool is_secure(std::string_view auxv);

}  // namespace sockopt
