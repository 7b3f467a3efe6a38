// SPDX-License-Identifier: MIT
//
// The tree of cgroups: where it is mounted, and which of its directories a unit, a process or the
// whole host is.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sockopt {

/// Where the version 2 tree is mounted, as /proc/self/mountinfo tells; nothing where it is not. On
/// hosts that also use version 1 that may be /sys/fs/cgroup/unified.
std::optional<std::string> cgroup_mount();
std::optional<std::string> cgroup_mount(std::string_view mountinfo);

/// The path of a process's cgroup in that tree: `/system.slice/nginx.service`. `text` is
/// /proc/PID/cgroup.
std::optional<std::string> cgroup_path(std::string_view text);

/// The directories below `mount` that are this unit's.
std::vector<std::string> cgroups_of_unit(const std::string& mount, const std::string& unit);

/// What the kernel knows a cgroup by: the inode of its directory. 0 where it is no cgroup's.
std::uint64_t cgroup_id(const std::string& directory);

/// Whether the kernel says that the cgroup of this number has been removed. What was attached there
/// lives on as long as a socket that was made there.
bool is_removed_cgroup(const std::string& mount, std::uint64_t id);

/// How deep it is below the mount: 0 for the mount itself.
std::uint32_t cgroup_level(const std::string& mount, const std::string& directory);

/// Whether a directory is another one, or below it.
bool is_within(std::string_view directory, std::string_view other);

/// The directory of a process's cgroup; empty where it is in none. `text` is /proc/PID/cgroup.
std::string cgroup_directory(const std::string& mount, std::string_view text);

/// The processes in it and below, without those in and below `others`.
std::vector<pid_t> processes_in(const std::string& directory,
                                const std::vector<std::string>& others = {});

}  // namespace sockopt
