// SPDX-License-Identifier: MIT
//
// Who runs, and whose child it is, from /proc/PID/stat. A list of a moment: each entry carries its
// start time, which together with the pid names a process for good.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sockopt {

struct ProcessEntry {
  pid_t pid = 0;
  pid_t parent = 0;
  std::uint64_t start_time = 0;  ///< clock ticks since boot
  bool ended = false;            ///< or about to: it has, or soon will have, no descriptors
  bool of_kernel = false;        ///< a thread of the kernel, which has no descriptors either
  std::string name;              ///< the kernel's: at most 15 bytes, and the process's to change
};

/// Reads a line of /proc/PID/stat, in which the name may hold spaces and parentheses.
std::optional<ProcessEntry> parse_process_stat(std::string_view line);

/// Every process that this mount of /proc shows.
std::vector<ProcessEntry> list_processes();

/// The children of `pid`, their children and so on, parents before their children, without `pid`.
std::vector<ProcessEntry> descendants(pid_t pid);

}  // namespace sockopt
