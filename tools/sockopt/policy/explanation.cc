// SPDX-License-Identifier: MIT
#include "tools/sockopt/policy/explanation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <memory>
#include <utility>

#include "shim/policy/plan.h"
#include "tools/sockopt/policy/configuration_file.h"
#include "tools/sockopt/policy/option_words.h"
#include "tools/sockopt/report/output.h"

namespace sockopt {
namespace {

std::string address_text(const Address& address) {
  TextOf<64> text;
  format_address(address, text);
  return std::string(text.view());
}

std::string patterns_text(const Policy& policy, const Rule& rule) {
  std::string text;
  for (std::size_t i = 0; i < rule.programs.count; ++i) {
    const ProgramPattern& pattern = policy.programs()[rule.programs.first + i];
    if (!text.empty()) text += ", ";
    if (pattern.excludes) text += '!';
    text += printable(policy.glob(pattern), 60);
  }
  return text;
}

// Whether one of the patterns that include, or that exclude, is for the address.
template <typename IsFor>
bool has_pattern(const Policy& policy, Range list, bool excludes, const IsFor& is_for) {
  const AddressPattern* first = policy.addresses() + list.first;
  return std::any_of(first, first + list.count, [&](const AddressPattern& pattern) {
    return pattern.excludes == excludes && is_for(pattern);
  });
}

// Why a wildcard listener, of whose port the rule speaks, is not meant; empty: it does not.
std::string reason_of_wildcard(const Policy& policy, const Rule& rule, const Address& address) {
  const auto has_port = [&](const AddressPattern& pattern) {
    return pattern.first_port <= address.port && address.port <= pattern.last_port;
  };
  const auto is_wildcard = [&](const AddressPattern& pattern) {
    Address host;
    host.family = pattern.family;
    std::copy(std::begin(pattern.bytes), std::end(pattern.bytes), std::begin(host.bytes));
    return has_port(pattern) && host.is_wildcard();
  };
  if (!address.is_wildcard() || !has_pattern(policy, rule.listens, false, has_port)) return {};
  if (has_pattern(policy, rule.listens, false, is_wildcard)) {
    const bool ipv6 = address.family == Address::Family::kIpv6;
    return fmt::format("it is for listeners on {}, and this one is on {}",
                       ipv6 ? "0.0.0.0" : "[::]", ipv6 ? "[::]" : "0.0.0.0");
  }
  return "a rule for one address does not match a listener on all addresses";
}

struct Silence {
  std::string reason;
  std::string fix{};
};

// Why the rule does not apply; an empty reason: it does.
Silence reason_for_silence(const Policy& policy, const Rule& rule, const SocketQuestion& question) {
  if (rule.state == Rule::State::kForZmq) return {"for ZeroMQ's sockets only (--zmq)"};
  if (rule.is_void()) {
    return {
        fmt::format("it has an error: `{}`", check_command(std::string(policy.path(rule.file))))};
  }
  if (rule.programs.count != 0) {
    if (question.program == nullptr) return {"for certain programs only (--program)"};
    if (!policy.matches_program(rule, *question.program)) {
      return {fmt::format("program = {}", patterns_text(policy, rule))};
    }
  }
  if (!rule.has_address()) return {};
  if (!question.side) return {"depends on an address (--listen or --connect)"};
  const bool listens = *question.side == Side::kListen;
  if (listens && rule.listens.count == 0) return {"connect only"};
  if (!listens && rule.connects.count == 0) return {"listen only"};
  const bool matches = listens ? policy.matches_listen(rule, question.address)
                               : policy.matches_connect(rule, question.address);
  if (matches) return {};
  const auto is_asked = [&](const AddressPattern& pattern) {
    return pattern.matches(question.address);
  };
  if (has_pattern(policy, listens ? rule.listens : rule.connects, true, is_asked)) {
    return {fmt::format("{} is excluded", address_text(question.address))};
  }
  if (listens) {
    std::string reason = reason_of_wildcard(policy, rule, question.address);
    if (!reason.empty()) return {std::move(reason), "name the port alone"};
  }
  return {fmt::format("{} is not among its addresses", address_text(question.address))};
}

// Whether the option can be of such a socket: a connection has no backlog, and no fastopen_connect
// makes a listener.
bool concerns(const Option& option, const std::optional<Side>& side) {
  if (!side) return true;
  constexpr unsigned kOfBoth = kInSocket | kAtSocket | kBeforeBind;
  const unsigned moments =
      kOfBoth | (*side == Side::kListen ? unsigned{kBeforeListen | kAfterListen | kAtAccept}
                                        : unsigned{kBeforeConnect | kAfterConnect});
  return (option.hook_points & moments) != 0;
}

// Set after socket and left as it is, although an address could have replaced it.
bool is_set_at_once(const Policy& policy, const ExplainedSetting& explained) {
  return explained.provisional && !policy.rule_of(*explained.winner).has_address();
}

}  // namespace

Explanation explain(const Policy& policy, const SocketQuestion& question) {
  Explanation explanation;
  std::array<ExplainedSetting, kMaxOptions> by_option;
  std::vector<bool> has_say(policy.rule_count());
  for (std::size_t i = 0; i < policy.rule_count(); ++i) {
    const Rule& rule = policy.rule(i);
    Silence silence = reason_for_silence(policy, rule, question);
    has_say[i] = silence.reason.empty();
    if (has_say[i]) continue;
    explanation.silent.push_back({&rule, std::move(silence.reason), std::move(silence.fix)});
  }
  for (const Setting& setting : policy) {
    ExplainedSetting& explained = by_option[setting.option];
    const Rule& rule = policy.rule_of(setting);
    const bool concerns_program =
        !rule.is_void() &&
        (rule.programs.count == 0 ||
         (question.program != nullptr && policy.matches_program(rule, *question.program)));
    if (concerns_program) explained.waits = rule.has_address();
    if (!has_say[setting.rule]) continue;
    if (explained.winner != nullptr) explained.overruled.push_back(explained.winner);
    explained.winner = &setting;
  }
  const auto plan = std::make_unique<Plan>();
  plan->make(policy,
             question.program != nullptr ? *question.program : *std::make_unique<Program>());
  for (ExplainedSetting& explained : by_option) {
    if (explained.winner == nullptr) continue;
    if (!concerns(policy.option(explained.winner->option), question.side)) continue;
    explained.provisional = plan->provisional().contains(explained.winner->option);
    explanation.settings.push_back(std::move(explained));
  }
  return explanation;
}

bool is_decided_late(const Policy& policy, const ExplainedSetting& explained) {
  return explained.waits && !is_set_at_once(policy, explained);
}

std::vector<std::string_view> calls_of(const Policy& policy, const ExplainedSetting& explained,
                                       const SocketQuestion& question) {
  if (explained.winner->keeps_default) return {};
  const Option& option = policy.option(explained.winner->option);
  if (is_decided_late(policy, explained) && (option.hook_points & kAtSocket) != 0) {
    if (question.side == Side::kConnect) return {"connect"};
    const bool late =
        option.bind_order == BindOrder::kAny || option.bind_order == BindOrder::kNotConnected;
    return {late ? "listen" : "bind"};
  }
  std::vector<std::string_view> calls = moment_words(option);
  std::erase_if(calls, [&](std::string_view call) {
    if (question.side == Side::kConnect) return call == "accept" || call.ends_with("listen");
    return question.side == Side::kListen && call.ends_with("connect");
  });
  return calls;
}

int calls_per_connection(const Policy& policy, const ExplainedSetting& explained,
                         const SocketQuestion& question) {
  const Option& option = policy.option(explained.winner->option);
  if (explained.winner->keeps_default || !option.is_socket_option()) return 0;
  const bool accepting = question.side != Side::kConnect;
  // What was accepted is asked for; under an address rule, the listener's address too.
  if (accepting) return (option.hook_points & kAtAccept) == 0 ? 0 : explained.waits ? 3 : 2;
  constexpr unsigned kOfClients = kAtSocket | kBeforeConnect | kAfterConnect;
  if ((option.hook_points & kOfClients) == 0) return 0;
  const int names = option.both && question.address.family == Address::Family::kIpv6 ? 2 : 1;
  // The value that was set at first is replaced.
  return explained.provisional && !is_set_at_once(policy, explained) ? 2 * names : names;
}

}  // namespace sockopt
