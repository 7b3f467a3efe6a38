// SPDX-License-Identifier: MIT
//
// See live_apply.h.
#include "tools/sockopt/live_apply.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "shim/policy/plan.h"
#include "tools/inspect/access.h"
#include "tools/inspect/process_program.h"
#include "tools/inspect/process_sockets.h"
#include "tools/inspect/systemd_unit.h"

namespace sockopt {
namespace {

std::string reason_of(pid_t pid, const Failure& failure) {
  if (failure.obstacle == Obstacle::kOther) return failure.text();
  const Lack lack = explain_denial(pid, failure);
  return lack.remedy.empty() ? lack.reason : lack.reason + "; needs " + lack.remedy;
}

}  // namespace

struct LiveApply::Visit {
  const ForeignProcess& process;
  std::uint64_t net_namespace;
  const NamespaceLimits& limits;
  std::string unit;
  Judge judge;
  LiveChanger changer;
  SeenProcess& seen;
  std::vector<int> postponed{};
};

LiveApply::LiveApply(const Policy& policy, SocketSelection selection, Mode mode)
    : policy_(policy), selection_(std::move(selection)), mode_(mode), self_settings_(policy) {}

void LiveApply::run(const std::vector<ProcessEntry>& processes) {
  const auto note = [&](const ProcessEntry& entry, const std::optional<Failure>& failure) {
    if (!failure || failure->obstacle == Obstacle::kGone) return;
    unseen_.push_back({entry.pid, entry.name, reason_of(entry.pid, *failure)});
  };
  for (const ProcessEntry& entry : processes) {
    note(entry, with(entry, [&](Visit& visit) {
           std::optional<Failure> failure = visit_sockets(
               visit.process, [&](const ForeignSocket& socket) { visit_all(visit, socket); });
           if (!visit.postponed.empty()) {
             postponed_.push_back({visit.process.entry(), std::move(visit.postponed)});
           }
           return failure;
         }));
  }
  // By now every listener is known.
  for (const Postponed& postponed : postponed_) {
    note(postponed.process, with(postponed.process, [&](Visit& visit) -> std::optional<Failure> {
           for (const int number : postponed.numbers) {
             auto socket = ForeignSocket::open(visit.process, number);
             if (!socket) return socket.failure();
             if (!*socket || !(*socket)->facts().connected()) continue;
             const Endpoint* listener =
                 listeners_.find(visit.net_namespace, (*socket)->facts().local);
             visit_connection(visit, **socket, listener);
           }
           return std::nullopt;
         }));
  }
}

// What the rules need to know of a process is read anew for each: it is made for its program.
std::optional<Failure> LiveApply::with(const ProcessEntry& entry,
                                       const std::function<std::optional<Failure>(Visit&)>& act) {
  const Result<ForeignProcess> process = ForeignProcess::open(entry.pid, entry.start_time);
  if (!process) return process.failure();
  const auto program = read_program(*process);
  if (!program) return program.failure();
  const auto net_namespace = process->namespace_inode("net");
  if (!net_namespace) return net_namespace.failure();
  const auto plan = std::make_unique<Plan>();
  plan->make(policy_, (*program)->program);
  Judge judge(policy_, *plan);
  Visit visit{.process = *process,
              .net_namespace = *net_namespace,
              .limits = limits_of(*process, *net_namespace),
              .unit = unit_of(*process),
              .judge = std::move(judge),
              .changer = LiveChanger(visit.judge, mode_),
              .seen = log_.process(entry.pid)};
  return act(visit);
}

void LiveApply::visit_all(Visit& visit, const ForeignSocket& socket) {
  const SocketFacts& facts = socket.facts();
  if (facts.listening) return visit_listener(visit, socket);
  if (!facts.connected()) return;
  ++visit.seen.connections;
  const Endpoint* listener = listeners_.find(visit.net_namespace, facts.local);
  if (listener == nullptr && (selection_.established || !selection_.cookies.empty())) {
    visit.postponed.push_back(facts.fd);
  } else {
    visit_connection(visit, socket, listener);
  }
}

void LiveApply::visit_listener(Visit& visit, const ForeignSocket& socket) {
  const SocketFacts& facts = socket.facts();
  listeners_.add(visit.net_namespace, facts.local);
  log_.add_listener(facts.cookie, facts.local);
  visit.seen.listeners.push_back(facts.cookie);
  if (!met_.insert(facts.cookie).second) {
    return log_.add_owner(facts.cookie, {visit.process.pid(), facts.fd});
  }
  if (!selects_listener(facts)) return;
  const Wish& wish = visit.judge.wish(facts, nullptr);
  std::vector<OptionChange> changes = visit.changer.change(socket, wish, visit.limits);
  self_settings_.see_listener(visit.net_namespace, facts.local, wish, changes);
  treat(visit, socket, wish, std::move(changes), facts.local);
}

void LiveApply::visit_connection(Visit& visit, const ForeignSocket& socket,
                                 const Endpoint* listener) {
  const SocketFacts& facts = socket.facts();
  if (!met_.insert(facts.cookie).second) return;
  if (listener != nullptr && self_settings_.wants(visit.net_namespace, *listener)) {
    self_settings_.see_connection(visit.net_namespace, *listener, visit.process.entry().name,
                                  socket);
  }
  if (!selects_connection(facts, listener)) return log_.add_left_alone();
  const Wish& wish = visit.judge.wish(facts, listener);
  treat(visit, socket, wish, visit.changer.change(socket, wish, visit.limits),
        listener != nullptr ? *listener : facts.peer);
}

void LiveApply::treat(Visit& visit, const ForeignSocket& socket, const Wish& wish,
                      std::vector<OptionChange> changes, const Endpoint& address) {
  const SocketFacts& facts = socket.facts();
  if (changes.empty()) return log_.add_settled();
  log_.add(
      {.role = wish.role,
       .state = facts.state.value_or(0),
       .address = address,
       .program = visit.process.entry().name,
       .unit = visit.unit,
       .changes = std::move(changes),
       .sockets = {}},
      {.cookie = facts.cookie, .owners = {{visit.process.pid(), facts.fd}}, .peer = facts.peer});
}

const NamespaceLimits& LiveApply::limits_of(const ForeignProcess& process,
                                            std::uint64_t net_namespace) {
  const auto [known, is_new] = limits_.try_emplace(net_namespace);
  if (is_new) known->second = read_limits(process);
  return known->second;
}

bool LiveApply::selects_address(const Endpoint& listener) const {
  const auto& only = selection_.listeners;
  const Address address = listener.address_for_rules();
  return only.empty() || std::any_of(only.begin(), only.end(), [&](const AddressPattern& pattern) {
           return pattern.matches(address);
         });
}

bool LiveApply::selects_listener(const SocketFacts& facts) const {
  if (!selection_.cookies.empty()) return selection_.cookies.contain(facts.cookie);
  return selects_address(facts.local);
}

bool LiveApply::selects_connection(const SocketFacts& facts, const Endpoint* listener) const {
  if (!selection_.cookies.empty()) return selection_.cookies.contain(facts.cookie);
  if (!selection_.established) return false;
  return selection_.listeners.empty() || (listener != nullptr && selects_address(*listener));
}

}  // namespace sockopt
