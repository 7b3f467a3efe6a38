// SPDX-License-Identifier: MIT
//
// What the library does not reach, the bpf engine may: the command for that, or why not here.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sockopt/policy/effective_policy.h"
#include "tools/sockopt/report/finding.h"

namespace sockopt {

/// How `attach` names the cgroup of a process: `-u nginx.service`, `--cgroup /user.slice`,
/// `--host`. `cgroup` is /proc/PID/cgroup, `unit` its unit or empty. No words where it is in none.
std::vector<std::string> attach_target(std::string_view cgroup, const std::string& unit);
/// The same of this process, and so of what is started next to it.
std::vector<std::string> own_attach_target();

/// The command that attaches the policy there; empty where that would be in vain: nothing in the
/// policy for the engine, a mistake in it, no target, or an obstacle of this host.
std::string attach_command(const EffectivePolicy& effective, const PolicySources& sources,
                           const std::vector<std::string>& target);

/// Why the engine cannot work on this host, whoever asks; nothing: it can.
std::optional<Finding> engine_obstacle(bool reads_programs);

/// Beside a finding that the library does not reach something: the engine does, by `command`, or
/// why not. Nothing where there is no command, and nothing in the way either.
std::optional<Finding> offer_engine(std::string what, const std::string& command,
                                    bool reads_programs);

}  // namespace sockopt
