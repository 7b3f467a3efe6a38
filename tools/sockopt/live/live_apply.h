// SPDX-License-Identifier: MIT
//
// `apply`, without the words: goes through the sockets of processes and puts the policy onto those
// that were asked for. Whatever happens to a process or a descriptor meanwhile concerns that one
// only. One duplicate is open at a time, and nothing is written while it is.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

#include "tools/inspect/foreign_process.h"
#include "tools/sockopt/live/change_log.h"
#include "tools/sockopt/live/cookie_ranges.h"
#include "tools/sockopt/live/enforcing_library.h"
#include "tools/sockopt/live/net_namespaces.h"
#include "tools/sockopt/live/policy_pool.h"
#include "tools/sockopt/live/self_setting.h"
#include "tools/sockopt/live/socket_role.h"
#include "tools/sockopt/live/unreadable_process.h"

namespace sockopt {

/// Which of the sockets that are met are meant.
struct SocketSelection {
  bool established = false;  ///< connections too
  std::vector<AddressPattern>
      listeners{};         ///< only those bound there, and connections accepted on them
  CookieRanges cookies{};  ///< only these, listeners and connections alike
};

class LiveApply {
 public:
  /// The policy must outlive it.
  LiveApply(const Policy& policy, Basis basis, SocketSelection selection, Mode mode);

  void run(const std::vector<ProcessEntry>& processes);

  const ChangeLog& log() const { return log_; }
  const SelfSettings& self_settings() const { return self_settings_; }
  /// Connections with keepalive armed, of which a time or a count was made shorter.
  std::size_t shortened() const { return shortened_; }
  const std::set<Reversal>& reversals() const { return reversals_; }
  /// Why options of the command line were set on no socket: none that was met takes them.
  std::map<std::string, std::string> not_taken() const;
  /// Processes that nobody named and that hold connections of the listeners met: workers.
  const std::vector<ProcessEntry>& children() const { return children_; }
  const std::vector<UnreadableProcess>& unreadable() const { return unreadable_; }
  /// Processes that nothing is configured for.
  const std::vector<std::string>& without_policy() const { return without_policy_; }
  /// What is wrong with the configuration of a process, which was left alone for it.
  const Findings& faults() const { return faults_; }
  /// What is to be known of the policy that counted for a process.
  const Findings& notes() const { return notes_; }

 private:
  struct Visit;  // of one process

  std::optional<Failure> visit_process(const ProcessEntry& entry);
  void find_children(const std::vector<ProcessEntry>& processes);
  void find_listeners(const ForeignProcess& process, NetNamespaces::Id net_namespace);
  void visit_socket(Visit& visit, const ForeignSocket& socket);
  void visit_listener(Visit& visit, const ForeignSocket& socket);
  void visit_connection(Visit& visit, const ForeignSocket& socket);
  void record(Visit& visit, const ForeignSocket& socket, const Expected& expected,
              std::vector<OptionChange> changes, const Endpoint& address);
  void note_taken(const Checker& checker, const Expected& expected, OptionSet taken);
  bool selects_address(const Endpoint& listener) const;
  bool selects_listener(const SocketFacts& facts) const;
  bool selects_connection(const SocketFacts& facts, const Endpoint* listener) const;

  SocketSelection selection_;
  Mode mode_;
  ChangeLog log_;
  SelfSettings self_settings_;
  Listeners listeners_;
  std::set<NetNamespaces::Id> searched_;   // for listeners of whomever
  std::unordered_set<std::uint64_t> met_;  // cookies
  PolicyPool policies_;
  NetNamespaces net_namespaces_;
  DryRun dry_run_;
  std::set<Reversal> reversals_;
  std::vector<ProcessEntry> children_;
  std::set<std::string> taken_;                   // keys of options
  std::map<std::string, std::string> not_taken_;  // and why not, by some socket
  std::size_t shortened_ = 0;
  std::vector<UnreadableProcess> unreadable_;
  std::vector<std::string> without_policy_;
  Findings faults_;
  Findings notes_;
};

}  // namespace sockopt
