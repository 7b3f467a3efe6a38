// SPDX-License-Identifier: MIT
#include "tools/sockopt/live/census.h"

#include <fcntl.h>

#include <cerrno>

#include "tools/inspect/listening_endpoints.h"
#include "tools/inspect/option_reading.h"
#include "tools/inspect/read_small_file.h"
#include "tools/inspect/systemd_unit.h"
#include "tools/sockopt/live/applied_values.h"

namespace sockopt {
namespace {

// Never used again while the system runs; kernels that have no cookies have inodes, which are not
// used again while the socket lives.
std::uint64_t identity(const SocketFacts& facts) {
  return facts.cookie != 0 ? facts.cookie : facts.inode;
}

// Raw ones are other options in another policy.
OptionSet of_the_table(OptionSet options) {
  for (const OptionId id : options) {
    if (id >= kOptionCount) options.remove(id);
  }
  return options;
}

}  // namespace

void Census::visit(const ProcessEntry& target) {
  const Result<ForeignProcess> process = ForeignProcess::open(target.pid, target.start_time);
  if (!process) return note_unreadable(unreadable_, target, process.failure());
  constexpr std::uint32_t kNotYet = UINT32_MAX;
  std::uint32_t index = kNotYet;
  const auto failure =
      process->each_socket_number([&](int number, std::uint64_t) -> std::optional<Failure> {
        // Reads files that may keep us waiting: before there is a duplicate.
        if (index == kNotYet) index = enter(*process);
        const Result<std::optional<ForeignSocket>> socket = ForeignSocket::open(*process, number);
        if (!socket) return socket.failure();
        if (*socket) take(**socket, index);
        return std::nullopt;
      });
  if (failure) note_unreadable(unreadable_, target, *failure);
}

std::uint32_t Census::enter(const ForeignProcess& process) {
  CensusProcess entered;
  entered.entry = process.entry();
  entered.unit = sockopt::unit_of(process);
  entered.net_namespace = net_namespaces_.of(process);
  // The listener of a connection may be of a process that nobody asked about.
  if (searched_.insert(entered.net_namespace).second) {
    for (const Endpoint& endpoint : listening_endpoints(process)) {
      listeners_.add(entered.net_namespace, endpoint);
    }
  }
  entered.holding = policies_.of(process);
  processes_.push_back(std::move(entered));
  return static_cast<std::uint32_t>(processes_.size() - 1);
}

void Census::take(const ForeignSocket& socket, std::uint32_t owner) {
  const SocketFacts& facts = socket.facts();
  const CensusProcess& process = processes_[owner];
  const NetNamespaces::Id space = net_namespaces_.of(facts, process.net_namespace);
  if (facts.listening) listeners_.add(space, facts.local);
  if (scope_.listeners_only && !facts.listening) return;
  const auto index = static_cast<std::uint32_t>(sockets_.size());
  const auto [known, is_new] = by_cookie_.try_emplace(identity(facts), index);
  if (!is_new) {
    further_owners_.emplace(known->second, Owner{owner, facts.fd});
    return;
  }
  const Policy& policy = policies_.checker(process.holding.policy).policy();
  OptionSet options = scope_.options | policies_.possible(process.holding.policy);
  if (process.holding.now) options |= of_the_table(policies_.possible(*process.holding.now));
  for (const OptionId id : options) readings_.add(id, read_option(socket, policy.option(id)));
  sockets_.push_back(
      {.facts = facts, .process = owner, .readings = readings_.finish(), .net_namespace = space});
}

void Census::check() {
  note_applied();
  for (CensusSocket& socket : sockets_) {
    check(socket);
    if (socket.facts.listening) count_drops(socket);
  }
}

// To those that `apply` has changed belong the connections that were accepted since on listeners
// that it has changed.
void Census::note_applied() {
  const AppliedValues applied;
  if (applied.empty()) return;
  std::map<std::pair<NetNamespaces::Id, Endpoint>, std::uint64_t> cookies;  // 0: several
  for (const CensusSocket& socket : sockets_) {
    if (!socket.facts.listening) continue;
    const auto [known, is_new] =
        cookies.try_emplace({socket.net_namespace, socket.facts.local}, socket.facts.cookie);
    if (!is_new) known->second = 0;
  }
  for (CensusSocket& socket : sockets_) {
    const Endpoint* const listener = listeners_.find(socket.net_namespace, socket.facts.local);
    std::uint64_t origin = 0;
    if (role_of(socket.facts, listener) == SocketRole::kAccepted) {
      const auto known = cookies.find({socket.net_namespace, *listener});
      if (known != cookies.end()) origin = known->second;
    }
    if (!applied.concern(socket.facts.cookie) && !applied.concern(origin)) continue;
    for_each_reading(socket, [&](OptionId id, const OptionReading& held) {
      if (id >= kOptionCount) return;
      const bool inherits = kOptions[id].inheritance == Inheritance::kInherited;
      if (applied.contain(socket.facts.cookie, kOptions[id], held) ||
          (inherits && applied.contain(origin, kOptions[id], held))) {
        socket.applied.add(id);
      }
    });
  }
}

void Census::count_drops(CensusSocket& socket) {
  static const Counters none;
  const bool any = socket.facts.drops.value_or(0) != 0;
  socket.drops = listen_drops(socket.facts, any ? counters_of(socket.net_namespace) : none);
}

// Of a process in that namespace, for only /proc has them. Once all sockets have been read, so that
// what the sockets counted is in it.
const Counters& Census::counters_of(NetNamespaces::Id space) {
  const auto [known, is_new] = counters_.try_emplace(space);
  if (!is_new) return known->second;
  for (const CensusProcess& process : processes_) {
    if (process.net_namespace != space) continue;
    const auto netstat = read_small_file(AT_FDCWD, proc_path(process.entry) + "/net/netstat");
    if (netstat) known->second = parse_counters(*netstat);
    if (!known->second.empty()) break;
  }
  return known->second;
}

void Census::check(CensusSocket& socket) {
  const PolicyPool::Holding& holding = process_of(socket).holding;
  socket.listener = listeners_.find(socket.net_namespace, socket.facts.local);
  socket.role = role_of(socket.facts, socket.listener);
  check(socket, holding.policy);
  if (socket.differs.empty() || !holding.now) return;
  // `apply` goes by its files as they are: what has that is well, though the process held another.
  CensusSocket as_now = socket;
  check(as_now, *holding.now);
  socket.differs_now = as_now.differs;
  if (as_now.differs.empty() && !as_now.holds.empty()) socket = as_now;
}

void Census::check(CensusSocket& socket, PolicyPool::Id policy) {
  Checker& checker = policies_.checker(policy);
  socket.policy = policy;
  socket.holds = socket.differs = {};
  const Expected& expected = checker.expect(socket.facts, socket.listener);
  for (const OptionId id : expected.options) {
    // Not read for this policy.
    const bool is_unread = id >= kOptionCount && policy != process_of(socket).holding.policy;
    const OptionReading held = is_unread ? OptionReading{.error = ENODATA} : reading(socket, id);
    switch (checker.check(expected, id, held, net_namespace_of(socket).limits).match) {
      case Match::kHolds:
        socket.holds.add(id);
        break;
      case Match::kDiffers:
        socket.differs.add(id);
        break;
      case Match::kUnknown:
        break;
    }
  }
}

}  // namespace sockopt
