// SPDX-License-Identifier: MIT
#include "tools/sockopt/live/live_change.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "shim/options/lookup.h"
#include "shim/sockets/apply.h"
#include "tools/inspect/option_reading.h"
#include "tools/inspect/unset_value.h"
#include "tools/sockopt/live/probe.h"

namespace sockopt {
namespace {

constexpr KernelName kWindowClamp = {IPPROTO_TCP, 10};
const OptionId kTos = find_option("tos");
const OptionId kPriority = find_option("priority");

// libc's function as one of the core's.
template <auto kFunction, typename... Arguments>
int without_errno(Arguments... arguments) {
  return SocketOps::without_errno([&] { return kFunction(arguments...); });
}

constexpr SocketOps kCalls = {&without_errno<::setsockopt>, &without_errno<::getsockopt>,
                              &without_errno<::getsockname>, &without_errno<::getpeername>,
                              &without_errno<::listen>};

SocketKind kind_of(const SocketFacts& facts) {
  return {protocol_of(facts.protocol), facts.domain == AF_INET6};
}

bool is_connection(SocketRole role) {
  return role == SocketRole::kAccepted || role == SocketRole::kClient;
}

bool is_same(const OptionReading& a, const OptionReading& b) {
  return a.error == b.error && (a.error != 0 || (a.value == b.value && a.tuned == b.tuned));
}

// The name of the other family, which the library sets as well; one that does not exist where only
// one is set.
KernelName twin_of(const Option& option, const SocketFacts& facts) {
  if (!option.both || facts.domain != AF_INET6 || facts.protocol == kIpProtocolMptcp) return {};
  return deciding_name(option, facts) == option.ipv4 ? option.ipv6 : option.ipv4;
}

std::optional<tcp_info> read_tcp_info(int fd) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return std::nullopt;
  return info;
}

// Asked immediately before listen(2), which would bind what is unbound, and open again what its
// owner has paused with shutdown(2).
bool listens_now(int fd) {
  const std::optional<tcp_info> info = read_tcp_info(fd);
  return info && info->tcpi_state == TCP_LISTEN &&
         kCalls.get_int(fd, SOL_SOCKET, SO_ACCEPTCONN) == 1;
}

// 0, or the errno of the kernel.
int set(int fd, const SocketFacts& facts, const Policy& policy, const Decision& decision,
        OptionId id) {
  int error = 0;
  Observer observer;
  observer.context = &error;
  observer.on_refused = [](void* context, int, const Setting&, int why) {
    *static_cast<int*>(context) = why;
  };
  apply(fd, kind_of(facts), OptionSet::of(id), policy, decision, kCalls, observer);
  return error;
}

// Whether `-o KEY=VALUE` can bring back what was there.
UndoObstacle undo_obstacle(const Option& option, const OptionReading& before, SocketRole role) {
  if (!before) return UndoObstacle::kUnknown;
  const std::int64_t number = before.value.number(option.kind);
  if (unset_value(option)) return UndoObstacle::kNone;
  // The kernel takes a 0 only before listen.
  if (option.ipv4 == kWindowClamp && number == 0 && role == SocketRole::kListener) {
    return UndoObstacle::kNoSuchValue;
  }
  switch (option.kind) {
    case Kind::kName:
    case Kind::kLinger:
    case Kind::kRaw:
      return UndoObstacle::kNone;
    default:
      return option.min <= number && number <= option.max ? UndoObstacle::kNone
                                                          : UndoObstacle::kNoSuchValue;
  }
}

// In a dry run: what SO_PRIORITY would be once this tos is set. The kernel leaves the ECN bits of a
// stream as they are, and does nothing where the rest is the same.
OptionReading priority_after(const ForeignSocket& socket, const Setting& tos,
                             const OptionReading& priority) {
  constexpr std::int64_t kEcnMask = 3;
  const OptionReading held = socket.read(kOptions[kTos].ipv4);
  const auto differs = held.value.number(Kind::kTos) ^ tos.value.number(Kind::kTos);
  return held && (differs & ~kEcnMask) == 0 ? priority : probe_priority(tos.value);
}

}  // namespace

bool is_settable(const Option& option, SocketRole role) {
  if (role == SocketRole::kUnconnected || option.bind_order == BindOrder::kOnlyBefore) return false;
  if (option.inheritance == Inheritance::kClient) return false;
  // A segment size is agreed on when the connection is made.
  return !is_connection(role) ||
         (option.bind_order != BindOrder::kNotConnected && option.read_back != ReadBack::kMss);
}

std::vector<OptionChange> LiveChanger::change(const ForeignSocket& socket, const Expected& expected,
                                              const NamespaceLimits& limits,
                                              const Refusals& refusals) {
  std::vector<OptionChange> changes;
  const OptionSet options = options_for(socket.facts(), expected);
  changes.reserve(static_cast<std::size_t>(options.count()));
  OptionReading priority = {.error = ENODATA};
  if (options.contains(kTos)) priority = read_option(socket, kOptions[kPriority]);
  for (const OptionId id : options) {
    const Option& option = checker_.policy().option(id);
    const std::optional<OptionChange> change =
        option.kind == Kind::kBacklog
            ? change_backlog(socket, expected, id, limits)
            : change_one(socket, expected, id, limits, refusals, priority);
    if (change) changes.push_back(*change);
  }
  if (priority && !options.contains(kPriority)) follow_tos(socket, priority, changes);
  return changes;
}

// IP_TOS has set the priority as well, unless it was that already.
void LiveChanger::follow_tos(const ForeignSocket& socket, const OptionReading& priority,
                             std::vector<OptionChange>& changes) const {
  const auto tos = std::find_if(changes.begin(), changes.end(),
                                [](const OptionChange& one) { return one.option == kTos; });
  if (tos == changes.end() || tos->outcome != Outcome::kChanged) return;
  OptionChange change{.option = kPriority, .setting = tos->setting, .before = priority};
  change.follows_tos = true;
  change.after = mode_ == Mode::kDryRun ? priority_after(socket, *tos->setting, priority)
                                        : read_option(socket, kOptions[kPriority]);
  if (!is_same(change.before, change.after)) changes.push_back(change);
}

OptionSet LiveChanger::options_for(const SocketFacts& facts, const Expected& expected) const {
  OptionSet options = expected.options;
  if (expected.role == SocketRole::kUnconnected) return {};
  for (const OptionId id : expected.decision.wanted) {
    const Option& option = checker_.policy().option(id);
    if (option.inheritance == Inheritance::kClient) options.remove(id);
    if (is_connection(expected.role)) {
      const BindOrder order = option.bind_order;
      if (order == BindOrder::kOnlyBefore || order == BindOrder::kNotConnected) options.remove(id);
      if (option.inheritance == Inheritance::kListener) continue;
    }
    const bool refuses = facts.protocol == kIpProtocolMptcp && option.mptcp == Mptcp::kRefused;
    const bool transient = option.read_back == ReadBack::kTransient;
    if ((refuses || transient) && deciding_name(option, facts).exists()) options.add(id);
  }
  return options;
}

std::optional<OptionChange> LiveChanger::change_one(const ForeignSocket& socket,
                                                    const Expected& expected, OptionId id,
                                                    const NamespaceLimits& limits,
                                                    const Refusals& refusals,
                                                    const OptionReading& priority) {
  const Option& option = checker_.policy().option(id);
  const SocketFacts& facts = socket.facts();
  const Setting& setting = *expected.decision.settings[id];
  OptionChange change{.option = id, .setting = &setting};
  if (facts.protocol == kIpProtocolMptcp && option.mptcp == Mptcp::kRefused) {
    change.outcome = Outcome::kRefused;
    return change;
  }

  const OptionReading now = read_option(socket, option);
  // The type of service, a moment ago, may have moved it.
  change.before = id == kPriority && priority ? priority : now;
  if (id == kTos) change.priority = priority;
  const CheckResult result = checker_.check(expected, id, now, limits);
  const KernelName twin = twin_of(option, facts);
  OptionReading twin_before;
  if (twin.exists()) twin_before = socket.read(twin);
  const bool twin_holds =
      !twin.exists() || checker_.check(expected, id, twin_before, limits).match == Match::kHolds;
  if (result.match == Match::kHolds && twin_holds) {
    if (is_same(change.before, now)) return {};
    change.after = now;
    return change;
  }

  if (!is_settable(option, expected.role)) {
    if (result.match != Match::kDiffers) return {};
    change.outcome = Outcome::kTooLate;
    return change;
  }
  change.obstacle = undo_obstacle(option, change.before, expected.role);
  if (twin.exists() && !is_same(change.before, twin_before)) {
    change.obstacle = UndoObstacle::kTwoValues;
  }
  // The kernel does not take them of an MPTCP socket, though it tells them.
  if (option.read_back == ReadBack::kDoubled && facts.protocol != kIpProtocolMptcp) {
    const OptionReading locks = socket.read(kBufLock);
    if (locks) change.buffer_locks = static_cast<int>(locks.value.number(Kind::kCount));
  }

  change.error = mode_ == Mode::kDryRun
                     ? refusals.of(setting, facts.domain == AF_INET6)
                     : set(socket.fd(), facts, checker_.policy(), expected.decision, id);
  if (change.error != 0) {
    change.outcome = Outcome::kRefused;
    return change;
  }
  if (mode_ == Mode::kDryRun) {
    change.after = {.value = result.wanted};
    if (option.read_back == ReadBack::kDoubled) change.after.tuned = false;
    return change;
  }
  change.after = read_option(socket, option);
  // What was set is set, whether or not the kernel tells.
  if (option.read_back == ReadBack::kDoubled && !change.after.tuned) change.after.tuned = false;
  if (option.read_back == ReadBack::kNever) return change;
  if (!is_same(change.before, change.after)) return change;
  if (!twin.exists()) return {};
  // The name that does not decide was the one that differed.
  const OptionReading twin_after = socket.read(twin);
  if (is_same(twin_before, twin_after)) return {};
  change.before = twin_before;
  change.after = twin_after;
  return change;
}

std::optional<OptionChange> LiveChanger::change_backlog(const ForeignSocket& socket,
                                                        const Expected& expected, OptionId id,
                                                        const NamespaceLimits& limits) {
  const Setting& setting = *expected.decision.settings[id];
  const Option& option = checker_.policy().option(id);
  OptionChange change{.option = id, .setting = &setting};
  change.before = read_option(socket, option);
  if (!change.before) return {};
  const auto asked = static_cast<unsigned>(setting.value.number(Kind::kBacklog));
  const auto held = static_cast<unsigned>(change.before.value.number(Kind::kBacklog));
  const CheckResult result = checker_.check(expected, id, change.before, limits);
  if (asked < held && !expected.decision.enforced.contains(id)) {
    // In a file it is meant for many; on a command line, for this one.
    const Rule& rule = checker_.policy().rule_of(setting);
    if (rule.kind != Rule::Kind::kVariables) return {};
    change.outcome = Outcome::kKept;
    return change;
  }
  if (result.match == Match::kHolds) return {};
  if (mode_ == Mode::kDryRun) {
    change.after = {.value = result.wanted};
    return change;
  }
  if (!listens_now(socket.fd())) {
    change.outcome = Outcome::kVanished;
    return change;
  }
  if (::listen(socket.fd(), static_cast<int>(asked)) != 0) {
    change.error = errno;
    change.outcome = Outcome::kRefused;
    return change;
  }
  const std::optional<tcp_info> info = read_tcp_info(socket.fd());
  if (!info) return {};
  change.after = {.value = value_of_int(static_cast<int>(info->tcpi_sacked))};
  if (is_same(change.before, change.after)) return {};
  return change;
}

}  // namespace sockopt
