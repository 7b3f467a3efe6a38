// SPDX-License-Identifier: MIT
//
// Why the bpf engine cannot work here: the kernel, its mounts, our privileges. Asked before
// anything is changed, so that nothing is attached by half.
#pragma once

#include <optional>
#include <string>

#include "tools/sockopt/report/finding.h"

namespace sockopt {

/// Where attachments are kept; readable by root only.
inline constexpr const char* kPinDirectory = "/sys/fs/bpf/sockopt";

/// The oldest kernel that has all that the programs need.
inline constexpr const char* kOldestKernel = "6.1";

/// The first obstacle, with what to do about it; nothing where there is none. To read the name of a
/// process's executable (`program` of a rule) takes more than to set options.
std::optional<Finding> find_obstacle(bool reads_programs);

/// The same for `watch`, which also looks into processes.
std::optional<Finding> find_watch_obstacle();

/// What is found of the host alone, whoever asks, and but for a mount that root could make.
std::optional<Finding> find_host_obstacle(bool reads_programs);

/// What has to be mounted first, for the front of a command: `mount -t bpf bpf /sys/fs/bpf && `.
std::string missing_mount_command();

}  // namespace sockopt
