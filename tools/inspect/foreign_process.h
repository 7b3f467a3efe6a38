// SPDX-License-Identifier: MIT
//
// A process that is not ours, held so firmly that a reused pid cannot be taken for it: a pidfd for
// duplicating its descriptors, and its directory in /proc, both of which keep naming the process
// that they were opened for.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "tools/inspect/process_tree.h"
#include "tools/inspect/result.h"
#include "tools/inspect/unique_fd.h"

namespace sockopt {

class ForeignProcess {
 public:
  /// With a start time (from a list made earlier), only the process that started then.
  static Result<ForeignProcess> open(pid_t pid, std::optional<std::uint64_t> start_time = {});

  pid_t pid() const { return entry_.pid; }
  const ProcessEntry& entry() const { return entry_; }
  int pidfd() const { return pidfd_.get(); }
  /// The thread by which it is looked into: the main one, unless that has ended.
  pid_t task() const { return entry_.live_task != 0 ? entry_.live_task : entry_.pid; }
  /// A descriptor for /proc/PID, or that of its live thread, for openat and its like.
  int directory() const { return directory_.get(); }
  /// The same as a path.
  std::string path() const { return proc_path(entry_); }

  bool running() const;

  /// Our own descriptor for the open file that its descriptor `number` is for.
  Result<UniqueFd> duplicate(int number) const;

  using VisitNumber = std::function<std::optional<Failure>(int number, std::uint64_t inode)>;
  /// Calls `visit` with the number of each descriptor that is for a socket, and the socket's inode.
  /// A hint only: by the time it is duplicated the number may be another file's. Returns what
  /// stopped the walk, if anything did.
  std::optional<Failure> each_socket_number(const VisitNumber& visit) const;

  /// The inode of its namespace of this kind: `net`, `pid`, `user`.
  Result<std::uint64_t> namespace_inode(const std::string& kind) const;

 private:
  ForeignProcess(UniqueFd pidfd, UniqueFd directory, ProcessEntry entry);

  static Result<ForeignProcess> of_live_task(UniqueFd pidfd, UniqueFd directory,
                                             ProcessEntry entry);

  std::optional<Failure> walk(const VisitNumber& visit) const;

  UniqueFd pidfd_;
  UniqueFd directory_;
  ProcessEntry entry_;
};

}  // namespace sockopt
