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
  /// A thread that runs, where the main one has ended and the process has not: what the kernel
  /// tells of a process by its number is gone then, and is told of its threads.
  pid_t live_task = 0;
  std::uint32_t threads = 1;
  bool of_kernel = false;  ///< a thread of the kernel, which has no descriptors either
  std::string name;        ///< the kernel's: at most 15 bytes, and the process's to change
};

/// `/proc/812`, or `/proc/812/task/815` of one that lives on in that thread.
std::string proc_path(const ProcessEntry& process);

/// Reads a line of /proc/PID/stat, in which the name may hold spaces and parentheses.
std::optional<ProcessEntry> parse_process_stat(std::string_view line);

/// A thread of the process that has not ended; 0 where there is none. `directory` is /proc/PID.
pid_t find_live_task(int directory);

/// Every process that this mount of /proc shows.
std::vector<ProcessEntry> list_processes();

/// The children of `pid`, their children and so on, parents before their children, without `pid`.
std::vector<ProcessEntry> descendants(pid_t pid);

}  // namespace sockopt
