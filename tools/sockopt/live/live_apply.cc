// SPDX-License-Identifier: MIT
#include "tools/sockopt/live/live_apply.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "shim/options/lookup.h"
#include "tools/inspect/listening_endpoints.h"
#include "tools/inspect/process_sockets.h"
#include "tools/inspect/systemd_unit.h"
#include "tools/sockopt/live/connected_children.h"
#include "tools/sockopt/report/output.h"

namespace sockopt {
namespace {

// Whether a silent peer is given up sooner by it, where keepalive is armed already.
bool shortens(const Policy& policy, const std::vector<OptionChange>& changes) {
  bool sooner = false;
  for (const OptionChange& change : changes) {
    if (change.outcome != Outcome::kChanged) continue;
    const Option& option = policy.option(change.option);
    const std::string_view key = option.key.view();
    if (key == "keepalive") return false;         // that is another warning
    const bool ends_all = key == "user_timeout";  // of which 0 is none
    if (!ends_all && key != "keepidle" && key != "keepintvl" && key != "keepcnt") continue;
    const std::int64_t before = change.before.value.number(option.kind);
    const std::int64_t after = change.after.value.number(option.kind);
    if (after < before ? !(ends_all && after == 0) : ends_all && before == 0) sooner = true;
  }
  return sooner;
}

std::string_view why_not_taken(const Option& option, SocketRole role) {
  if (option.is_socket_option() && !option.ipv4.exists() && role == SocketRole::kListener) {
    return "only IPv6 sockets take it";
  }
  if (option.inheritance == Inheritance::kClient) {
    return "only client sockets take it, before they connect";
  }
  if (role == SocketRole::kListener) return "listeners do not take it";
  if (option.inheritance == Inheritance::kListener) return "only listeners take it";
  return option.bind_order == BindOrder::kAny ? "such connections do not take it"
                                              : "connections no longer take it";
}

}  // namespace

struct LiveApply::Visit {
  const ForeignProcess& process;
  NetNamespaces::Id net_namespace;
  std::string unit;
  bool is_go;
  Checker& checker;
  bool is_held;  // that policy is what the process holds
  LiveChanger changer;
  std::unique_ptr<EnforcingLibrary> library;
};

LiveApply::LiveApply(const Policy& policy, Basis basis, SocketSelection selection, Mode mode)
    : selection_(std::move(selection)), mode_(mode), policies_(policy, basis) {}

void LiveApply::run(const std::vector<ProcessEntry>& processes) {
  for (const ProcessEntry& entry : processes) {
    const std::optional<Failure> failure = visit_process(entry);
    if (failure) note_unreadable(unreadable_, entry, *failure);
  }
  find_children(processes);
}

// Where their connections would tell something, or are meant.
void LiveApply::find_children(const std::vector<ProcessEntry>& processes) {
  const bool are_meant = selection_.established && selection_.cookies.empty();
  if (!are_meant && self_settings_.predicted().empty() && self_settings_.unknown().empty()) return;
  children_ =
      connected_children(processes, [&](const ForeignProcess& process, const SocketFacts& facts) {
        const NetNamespaces::Id space = net_namespaces_.of(facts, net_namespaces_.of(process));
        const Endpoint* listener = listeners_.find(space, facts.local);
        return listener != nullptr && selects_address(*listener);
      });
}

// Reads files, which may take its time: before there is a duplicate.
std::optional<Failure> LiveApply::visit_process(const ProcessEntry& entry) {
  const Result<ForeignProcess> process = ForeignProcess::open(entry.pid, entry.start_time);
  if (!process) return process.failure();
  const PolicyPool::Holding holding = policies_.of(*process);
  const std::string name = fmt::format("{}({})", printable(entry.name, 40), entry.pid);
  if (!holding.faults.empty()) {
    for (const Finding& fault : holding.faults) {
      faults_.push_back(Finding::error(name, fault.placed()));
    }
    return std::nullopt;
  }
  Checker& checker = policies_.checker(holding.policy);
  if (checker.policy().empty() && !holding.note.empty()) {
    faults_.push_back(Finding::error(
        name, "the files that it has read are gone or set nothing by now; give -c or -o"));
    return std::nullopt;
  }
  if (checker.policy().empty()) {
    without_policy_.push_back(name);
    return std::nullopt;
  }
  if (!holding.note.empty()) notes_.push_back(Finding::note(name, holding.note));
  Visit visit{.process = *process,
              .net_namespace = net_namespaces_.of(*process),
              .unit = unit_of(*process),
              .is_go = is_go_program(*process),
              .checker = checker,
              .is_held = holding.is_held,
              .changer = LiveChanger(checker, mode_),
              .library = EnforcingLibrary::find(*process)};
  find_listeners(*process, visit.net_namespace);
  if (mode_ == Mode::kDryRun) {
    dry_run_.prepare(*process, visit.net_namespace, checker.policy(), checker.possible());
  }
  return visit_sockets(*process, [&](const ForeignSocket& socket) { visit_socket(visit, socket); });
}

// The listener of a connection may be another process's: a worker's connections came in by that of
// its master.
void LiveApply::find_listeners(const ForeignProcess& process, NetNamespaces::Id net_namespace) {
  if (!searched_.insert(net_namespace).second) return;
  for (const Endpoint& endpoint : listening_endpoints(process)) {
    listeners_.add(net_namespace, endpoint);
  }
}

void LiveApply::visit_socket(Visit& visit, const ForeignSocket& socket) {
  if (socket.facts().listening) return visit_listener(visit, socket);
  if (!socket.facts().connected()) return;
  visit_connection(visit, socket);
}

void LiveApply::visit_listener(Visit& visit, const ForeignSocket& socket) {
  const SocketFacts& facts = socket.facts();
  const NetNamespaces::Id space = net_namespaces_.of(facts, visit.net_namespace);
  listeners_.add(space, facts.local);
  if (!met_.insert(facts.cookie).second) {
    return log_.add_owner(facts.cookie, {visit.process.pid(), facts.fd});
  }
  if (!selects_listener(facts)) return;
  const Expected& expected = visit.checker.expect(facts, nullptr);
  std::vector<OptionChange> changes = visit.changer.change(
      socket, expected, net_namespaces_[space].limits, dry_run_.refusals(space));
  const std::string& program = visit.process.entry().name;
  // What the program sets becomes what is enforced.
  const OptionSet enforced =
      visit.library == nullptr ? OptionSet() : visit.library->enforced(Side::kListen, facts.local);
  self_settings_.see_listener(space, facts.local, program, known_settings(program, visit.is_go),
                              expected, enforced, changes);
  record(visit, socket, expected, std::move(changes), facts.local);
}

void LiveApply::visit_connection(Visit& visit, const ForeignSocket& socket) {
  const SocketFacts& facts = socket.facts();
  if (!met_.insert(facts.cookie).second) return;
  const NetNamespaces::Id space = net_namespaces_.of(facts, visit.net_namespace);
  const Endpoint* listener = listeners_.find(space, facts.local);
  if (listener != nullptr && self_settings_.wants(space, *listener)) {
    self_settings_.see_connection(space, *listener, visit.process.entry().name, socket);
  }
  if (!selects_connection(facts, listener)) return log_.add_left_alone();
  const Expected& expected = visit.checker.expect(facts, listener);
  record(visit, socket, expected,
         visit.changer.change(socket, expected, net_namespaces_[space].limits,
                              dry_run_.refusals(space)),
         listener != nullptr ? *listener : facts.peer);
}

void LiveApply::record(Visit& visit, const ForeignSocket& socket, const Expected& expected,
                       std::vector<OptionChange> changes, const Endpoint& address) {
  const SocketFacts& facts = socket.facts();
  const OptionSet taken = visit.changer.options_for(facts, expected);
  note_taken(visit.checker, expected, taken);
  if (visit.library != nullptr) {
    const Side side = expected.role == SocketRole::kClient ? Side::kConnect : Side::kListen;
    for (const Reversal& one : visit.library->reversals(side, address, expected, taken)) {
      reversals_.insert(one);
    }
  }
  if (changes.empty() && expected.decision.wanted.empty()) return log_.add_unconcerned();
  if (changes.empty() && taken.empty()) return log_.add_unsuited();
  if (changes.empty()) return log_.add_settled();
  if (expected.role != SocketRole::kListener && shortens(visit.checker.policy(), changes)) {
    const OptionReading keepalive = socket.read({SOL_SOCKET, SO_KEEPALIVE});
    if (keepalive && keepalive.value.number(Kind::kCount) != 0) ++shortened_;
  }
  log_.add(
      {.role = expected.role,
       .state = facts.state.value_or(0),
       .address = address,
       .program = visit.process.entry().name,
       .unit = visit.unit,
       .policy = &visit.checker.policy(),
       .is_held = visit.is_held,
       .changes = std::move(changes),
       .sockets = {}},
      {.cookie = facts.cookie, .owners = {{visit.process.pid(), facts.fd}}, .peer = facts.peer});
}

// A file is for many sockets, but what was typed for these should be missed.
void LiveApply::note_taken(const Checker& checker, const Expected& expected, OptionSet taken) {
  for (const OptionId id : expected.decision.wanted) {
    const Policy& policy = checker.policy();
    const Option& option = policy.option(id);
    std::string key(option.key.view());
    if (taken.contains(id) || !(taken & same_state(id)).empty()) {
      taken_.insert(std::move(key));
    } else if (policy.rule_of(*expected.decision.settings[id]).kind == Rule::Kind::kVariables) {
      not_taken_.try_emplace(std::move(key), why_not_taken(option, expected.role));
    }
  }
}

std::map<std::string, std::string> LiveApply::not_taken() const {
  std::map<std::string, std::string> all = not_taken_;
  std::erase_if(all, [&](const auto& one) { return taken_.contains(one.first); });
  return all;
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
