// SPDX-License-Identifier: MIT
#include "tools/sockopt/live/connected_children.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>

#include "tools/inspect/foreign_process.h"

namespace sockopt {
namespace {

using Meant = std::function<bool(const ForeignProcess&, const SocketFacts&)>;

bool holds_one(const ProcessEntry& entry, const Meant& is_meant) {
  const Result<ForeignProcess> process = ForeignProcess::open(entry.pid, entry.start_time);
  if (!process) return false;
  bool found = false;
  process->each_socket_number([&](int number, std::uint64_t) -> std::optional<Failure> {
    const Result<std::optional<ForeignSocket>> socket = ForeignSocket::open(*process, number);
    if (!socket || !*socket) return std::nullopt;
    found = (*socket)->facts().connected() && is_meant(*process, (*socket)->facts());
    // One is enough.
    return found ? std::optional(Failure{}) : std::nullopt;
  });
  return found;
}

}  // namespace

std::vector<ProcessEntry> connected_children(const std::vector<ProcessEntry>& named,
                                             const Meant& is_meant) {
  std::set<pid_t> theirs;
  for (const ProcessEntry& process : named) theirs.insert(process.pid);
  const std::vector<ProcessEntry> all = list_processes();
  std::map<pid_t, pid_t> parents;
  for (const ProcessEntry& process : all) parents[process.pid] = process.parent;
  const auto is_below = [&](pid_t pid) {
    // A list of a moment may hold a number twice over: no longer a way up than there are processes.
    for (std::size_t steps = parents.size(); steps != 0; --steps) {
      const auto parent = parents.find(pid);
      if (parent == parents.end()) return false;
      if (theirs.contains(pid = parent->second)) return true;
    }
    return false;
  };
  std::vector<ProcessEntry> found;
  for (const ProcessEntry& process : all) {
    if (theirs.contains(process.pid) || process.ended || !is_below(process.pid)) continue;
    if (holds_one(process, is_meant)) found.push_back(process);
  }
  return found;
}

}  // namespace sockopt
