// SPDX-License-Identifier: MIT
//
// All TCP sockets of some processes, as data to be checked, grouped and printed later. A socket
// that several processes share is there once, with all its owners. While this is at work one
// duplicate is open at a time, and nothing is written and nobody waited for: what goes wrong with
// one process is noted and does not stop the rest.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tools/inspect/foreign_process.h"
#include "tools/inspect/listen_drops.h"
#include "tools/sockopt/live/drift.h"
#include "tools/sockopt/live/net_namespaces.h"
#include "tools/sockopt/live/policy_pool.h"
#include "tools/sockopt/live/reading_pool.h"
#include "tools/sockopt/live/socket_role.h"
#include "tools/sockopt/live/unreadable_process.h"

namespace sockopt {

struct CensusScope {
  OptionSet options{};          ///< rows of the table to read of every socket
  bool listeners_only = false;  ///< connections are seen and left out
};

struct CensusProcess {
  ProcessEntry entry;
  std::string unit;  ///< of systemd; empty where it is in none
  NetNamespaces::Id net_namespace = 0;
  PolicyPool::Holding holding;
};

struct Owner {
  std::uint32_t process = 0;  ///< index into Census::processes
  int fd = -1;
};

struct CensusSocket {
  SocketFacts facts;
  std::uint32_t process = 0;  ///< of the first owner
  ReadingPool::Id readings = 0;
  NetNamespaces::Id net_namespace = 0;
  PolicyPool::Id policy = 0;  ///< that it is held to
  SocketRole role = SocketRole::kUnconnected;
  const Endpoint* listener = nullptr;  ///< what an accepted one came in by
  OptionSet differs{};
  OptionSet holds{};
  OptionSet applied{};      ///< what `apply` has set to what it holds
  OptionSet differs_now{};  ///< from Holding::now, where there is one: what `apply` would change
  std::optional<ListenDrops> drops{};  ///< of listeners
};

class Census {
 public:
  Census(CensusScope scope, PolicyPool& policies) : scope_(scope), policies_(policies) {}
  Census(const Census&) = delete;
  Census& operator=(const Census&) = delete;

  void visit(const ProcessEntry& target);
  /// After the last visit: tells accepted connections from clients, and checks all sockets.
  void check();

  const std::vector<CensusProcess>& processes() const { return processes_; }
  const std::vector<CensusSocket>& sockets() const { return sockets_; }
  const std::vector<UnreadableProcess>& unreadable() const { return unreadable_; }
  PolicyPool& policies() const { return policies_; }

  const CensusProcess& process_of(const CensusSocket& socket) const {
    return processes_[socket.process];
  }
  /// The first one first.
  template <typename Visit>
  void for_each_owner(const CensusSocket& socket, const Visit& visit) const {
    visit(Owner{socket.process, socket.facts.fd});
    const auto index = static_cast<std::uint32_t>(&socket - sockets_.data());
    const auto [begin, end] = further_owners_.equal_range(index);
    for (auto further = begin; further != end; ++further) visit(further->second);
  }
  OptionReading reading(const CensusSocket& socket, OptionId option) const {
    return readings_.find(socket.readings, option);
  }
  /// All of them, in the order of the table, raw ones behind it.
  template <typename Visit>
  void for_each_reading(const CensusSocket& socket, const Visit& visit) const {
    readings_.for_each(socket.readings, visit);
  }
  const NetNamespaces& net_namespaces() const { return net_namespaces_; }
  const NetNamespace& net_namespace_of(const CensusSocket& socket) const {
    return net_namespaces_[socket.net_namespace];
  }
  Checker& checker_of(const CensusSocket& socket) const { return policies_.checker(socket.policy); }
  const std::string& unit_of(const CensusSocket& socket) const { return process_of(socket).unit; }

 private:
  std::uint32_t enter(const ForeignProcess& process);
  void take(const ForeignSocket& socket, std::uint32_t owner);
  void check(CensusSocket& socket);
  void check(CensusSocket& socket, PolicyPool::Id policy);
  void note_applied();
  void count_drops(CensusSocket& socket);
  const Counters& counters_of(NetNamespaces::Id space);

  CensusScope scope_;
  PolicyPool& policies_;
  std::vector<CensusProcess> processes_;
  std::vector<CensusSocket> sockets_;
  std::vector<UnreadableProcess> unreadable_;
  ReadingPool readings_;
  Listeners listeners_;
  NetNamespaces net_namespaces_;
  std::set<NetNamespaces::Id> searched_;  // for listeners of whomever
  std::map<NetNamespaces::Id, Counters> counters_;
  std::unordered_map<std::uint64_t, std::uint32_t> by_cookie_;
  std::unordered_multimap<std::uint32_t, Owner> further_owners_;  // by index of the socket
};

}  // namespace sockopt
