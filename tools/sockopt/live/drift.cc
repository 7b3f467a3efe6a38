// SPDX-License-Identifier: MIT
#include "tools/sockopt/live/drift.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "shim/options/lookup.h"
#include "shim/sockets/socket_kind.h"
#include "tools/inspect/host.h"
#include "tools/inspect/network_namespace.h"
#include "tools/inspect/option_reading.h"
#include "tools/inspect/unset_value.h"
#include "tools/sockopt/live/probe.h"
#include "tools/sockopt/policy/setting_text.h"

namespace sockopt {
namespace {

constexpr int kEcnBits = 3;

// The kernel pads names with NUL, and says how long its buffer is.
std::string_view name_in(const Value& value) {
  const std::string_view bytes(reinterpret_cast<const char*>(value.bytes), value.size);
  return bytes.substr(0, bytes.find('\0'));
}

bool is_same_linger(const Value& a, const Value& b) {
  struct linger one = {};
  struct linger other = {};
  std::memcpy(&one, a.bytes, std::min<std::size_t>(a.size, sizeof one));
  std::memcpy(&other, b.bytes, std::min<std::size_t>(b.size, sizeof other));
  if (one.l_onoff == 0 || other.l_onoff == 0) return one.l_onoff == other.l_onoff;
  return one.l_linger == other.l_linger;
}

bool is_same(const Option& option, const Value& wanted, const Value& held) {
  switch (option.kind) {
    case Kind::kName:
      return name_in(wanted) == name_in(held);
    case Kind::kLinger:
      return is_same_linger(wanted, held);
    case Kind::kRaw:
      return std::equal(wanted.bytes, wanted.bytes + wanted.size, held.bytes,
                        held.bytes + held.size);
    default:
      return wanted.number(option.kind) == held.number(option.kind);
  }
}

// Held against what the kernel lets a socket hold.
bool holds(const Option& option, const Value& wanted, const Value& held, SocketRole role,
           bool enforced) {
  const std::int64_t want = wanted.number(option.kind);
  const std::int64_t have = held.number(option.kind);
  // The backlog only raises what the program asks for.
  if (option.kind == Kind::kBacklog) return enforced ? have == want : have >= want;
  // `off` leaves it to the program.
  if (option.hook_points == kInSocket) return have >= want;
  // Connected, the two ends have agreed on a segment that may be smaller.
  const bool connected = role == SocketRole::kAccepted || role == SocketRole::kClient;
  if (option.read_back == ReadBack::kMss && connected) return have <= want || want == 0;
  if (option.read_back == ReadBack::kMss && want == 0) return have == kDefaultMss;
  if (option.read_back == ReadBack::kEcnMasked) return (have & ~kEcnBits) == (want & ~kEcnBits);
  return is_same(option, wanted, held);
}

bool has_name_for(const Option& option, const SocketFacts& facts) {
  return !option.is_socket_option() || deciding_name(option, facts).exists();
}

// What tells a socket of this role from one that the option means nothing to.
bool concerns(const Option& option, SocketRole role) {
  switch (role) {
    case SocketRole::kListener:
      return option.inheritance != Inheritance::kClient;
    case SocketRole::kAccepted:
      return option.inheritance == Inheritance::kInherited ||
             option.inheritance == Inheritance::kPerSocket;
    case SocketRole::kClient:
    case SocketRole::kUnconnected:
      // What is set at bind or connect alone is gone again, or was never due.
      return (option.hook_points & kAtSocket) != 0 && option.inheritance != Inheritance::kClient;
  }
  return false;
}

}  // namespace

NamespaceLimits read_limits(const ForeignProcess& process) {
  NamespaceLimits limits;
  in_network_namespace(process, [&] { limits.somaxconn = read_somaxconn(); });
  return limits;
}

const Expected& Checker::expect(const SocketFacts& facts, const Endpoint* listener) {
  const SocketRole role = role_of(facts, listener);
  const bool waits = !plan_.deferred().empty();
  if (waits && role == SocketRole::kClient) {
    return of_client_ = make_expected(facts, role, facts.peer);
  }
  Endpoint address;
  if (waits && role == SocketRole::kListener) address = facts.local;
  if (waits && role == SocketRole::kAccepted) address = *listener;
  // Whatever else decides about the options of a kind of socket.
  const int kind = static_cast<int>(role) | (facts.domain == AF_INET6 ? 1 << 8 : 0) |
                   (facts.protocol == kIpProtocolMptcp ? 1 << 9 : 0) |
                   (facts.local.is_v4_mapped() ? 1 << 10 : 0);
  const auto [known, is_new] = expected_.try_emplace({kind, address});
  if (is_new) known->second = make_expected(facts, role, address);
  return known->second;
}

Expected Checker::make_expected(const SocketFacts& facts, SocketRole role,
                                const Endpoint& address) const {
  Expected expected;
  if (plan_.deferred().empty() || role == SocketRole::kUnconnected) {
    expected.decision = plan_.base();
    // What its address is still to decide, it cannot be held to.
    expected.decision.wanted = expected.decision.wanted.without(plan_.deferred());
  } else {
    const Side side = role == SocketRole::kClient ? Side::kConnect : Side::kListen;
    plan_.decide(side, address.address_for_rules(), expected.decision);
  }
  expected.role = role;
  expected.options = checkable(facts, role, expected.decision);
  return expected;
}

OptionSet Checker::checkable(const SocketFacts& facts, SocketRole role,
                             const Decision& decision) const {
  OptionSet options;
  for (const OptionId id : decision.wanted) {
    const Option& option = policy_.option(id);
    if (!concerns(option, role) || !has_name_for(option, facts)) continue;
    if (option.read_back == ReadBack::kTransient) continue;
    if (facts.protocol == kIpProtocolMptcp && option.mptcp == Mptcp::kRefused) continue;
    // Of two rows for the same state the later one is set last.
    options = options.without(same_state(id));
    options.add(id);
  }
  return options;
}

// What getsockopt would answer; nothing where that is not known.
std::optional<Value> Checker::reported(const Setting& setting, const NamespaceLimits& limits) {
  const Option& option = policy_.option(setting.option);
  switch (option.read_back) {
    case ReadBack::kCapped: {
      if (!limits.somaxconn) return std::nullopt;
      const std::int64_t asked = setting.value.number(option.kind);
      return value_of_int(static_cast<int>(std::min(asked, *limits.somaxconn)));
    }
    case ReadBack::kDoubled:
    case ReadBack::kRounded: {
      const auto [known, is_new] = tried_.try_emplace(&setting);
      if (is_new) {
        const Probe probe = probe_value(option, setting.value, !option.ipv4.exists());
        if (probe.refusal == 0 && probe.held) known->second = probe.held.value;
      }
      return known->second;
    }
    default:
      return setting.value;
  }
}

CheckResult Checker::check(const Expected& expected, OptionId id, const OptionReading& held,
                           const NamespaceLimits& limits) {
  const Setting& setting = *expected.decision.settings[id];
  const Option& option = policy_.option(id);
  const std::optional<Value> wanted = reported(setting, limits);
  const bool enforced = expected.decision.enforced.contains(id);
  if (!held) return {Match::kUnknown, wanted.value_or(setting.value)};
  const Value& value = wanted ? *wanted : setting.value;
  if (!holds(option, value, held.value, expected.role, enforced)) {
    return {wanted ? Match::kDiffers : Match::kUnknown, value};
  }
  // A size that the kernel has arrived at by itself, or begins with, is not what was asked for.
  if (option.read_back == ReadBack::kDoubled && held.tuned != false) {
    return {held.tuned ? Match::kDiffers : Match::kUnknown, value};
  }
  return {Match::kHolds, value};
}

std::string Checker::wanted_text(const Expected& expected, OptionId id, const Value& wanted) const {
  const Setting& setting = *expected.decision.settings[id];
  const Option& option = policy_.option(id);
  const std::string text = value_text(option, wanted);
  if (is_same(option, wanted, setting.value)) return text;
  const std::string asked = value_text(option, setting.value);
  switch (option.read_back) {
    case ReadBack::kDoubled:
      return wanted.number(option.kind) == 2 * setting.value.number(option.kind)
                 ? fmt::format("{} ({} doubled)", text, asked)
                 : fmt::format("{} ({} doubled and cut: net.core.[rw]mem_max)", text, asked);
    case ReadBack::kCapped:
      return fmt::format("{} ({} cut: net.core.somaxconn)", text, asked);
    default:
      return fmt::format("{} ({} rounded)", text, asked);
  }
}

}  // namespace sockopt
