// SPDX-License-Identifier: MIT
//
// One round of `watch`: goes through listeners of processes, and connections that it was told of,
// and makes the settings that are left to it. What it learns on the way holds for this round only,
// as sysctls change and processes end.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <unordered_set>
#include <utility>
#include <vector>

#include "tools/inspect/endpoint.h"
#include "tools/inspect/foreign_process.h"
#include "tools/inspect/foreign_socket.h"
#include "tools/sockopt/bpf/watched_cgroups.h"
#include "tools/sockopt/live/change_log.h"
#include "tools/sockopt/live/net_namespaces.h"
#include "tools/sockopt/live/policy_pool.h"
#include "tools/sockopt/live/unreadable_process.h"

namespace sockopt {

class SocketPass {
 public:
  using Inodes = std::set<std::uint64_t>;

  /// Of new connections, by inode; their own end may not be connected yet.
  using Peers = std::map<std::uint64_t, Endpoint>;

  explicit SocketPass(const WatchedCgroups& cgroups, Peers peers = {})
      : cgroups_(cgroups), peers_(std::move(peers)) {}

  /// The sockets of a process: those with one of these inodes, or all of its listeners. False where
  /// there is no such process.
  bool visit(pid_t pid, const Inodes* only = nullptr);

  const ChangeLog& log() const { return log_; }
  /// Whether some process that was visited has a socket with this inode.
  bool has_found(std::uint64_t inode) const { return found_.contains(inode); }
  const std::vector<UnreadableProcess>& unreadable() const { return unreadable_; }

 private:
  struct Visit;

  bool enter(const ForeignProcess& process, std::optional<Visit>& visit);
  void change(Visit& visit, const ForeignSocket& socket);
  void change(Visit& visit, const ForeignSocket& socket, const SocketFacts& facts);
  PolicyPool& policies_of(const Attachment& attachment);

  const WatchedCgroups& cgroups_;
  const Peers peers_;
  std::map<const Attachment*, std::unique_ptr<PolicyPool>> policies_;
  NetNamespaces net_namespaces_;
  ChangeLog log_;
  std::unordered_set<std::uint64_t> found_;  // inodes that were asked for
  std::unordered_set<std::uint64_t> met_;    // of sockets
  std::vector<UnreadableProcess> unreadable_;
};

}  // namespace sockopt
