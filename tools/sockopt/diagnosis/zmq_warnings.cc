// SPDX-License-Identifier: MIT
#include "tools/sockopt/diagnosis/zmq_warnings.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "tools/sockopt/policy/zmq_policy.h"

namespace sockopt {
namespace {

// A setting that another one has to accompany.
struct Companion {
  std::string_view key;
  std::string_view needs;
  std::string_view what;
  std::string_view fix;
};
constexpr Companion kCompanions[] = {
    {"req_relaxed", "req_correlate",
     "without req_correlate a late reply is taken for the reply to the next request",
     "set req_correlate = on"},
    {"heartbeat_timeout", "heartbeat_ivl",
     "does nothing without heartbeat_ivl: no heartbeat is sent", "set heartbeat_ivl = 5s"},
    {"heartbeat_ttl", "heartbeat_ivl", "does nothing without heartbeat_ivl: no heartbeat is sent",
     "set heartbeat_ivl = 5s"},
    {"tcp_keepalive_idle", "tcp_keepalive", "does nothing without tcp_keepalive",
     "set tcp_keepalive = on"},
    {"tcp_keepalive_cnt", "tcp_keepalive", "does nothing without tcp_keepalive",
     "set tcp_keepalive = on"},
    {"tcp_keepalive_intvl", "tcp_keepalive", "does nothing without tcp_keepalive",
     "set tcp_keepalive = on"},
};

// A value that hurts by itself.
struct HarmfulValue {
  std::string_view key;
  std::int64_t value;
  std::string_view what;
  std::string_view fix;
};
constexpr HarmfulValue kHarmfulValues[] = {
    {"linger", 0, "what is not sent yet when the program closes its socket is lost",
     "write a time, such as linger = 5s"},
    {"sndhwm", 0, "while a peer does not read, the program's memory grows without limit",
     "write a number of messages"},
    {"rcvhwm", 0, "while the program does not read, its memory grows without limit",
     "write a number of messages"},
    {"reconnect_ivl", -1, "a connection that was lost is never made again",
     "write a time, such as reconnect_ivl = 500ms"},
};

class ZmqWarnings {
 public:
  ZmqWarnings(const zmq::Policy& policy, const Program* program)
      : policy_(policy), program_(program) {}

  Findings find() {
    for (const Setting& setting : policy_) {
      if (!is_in_force(setting)) continue;
      const std::string_view key = policy_.option(setting.option).key;
      const std::int64_t value = setting.value.number(Kind::kCount);
      for (const Companion& row : kCompanions) {
        const bool is_asked = key == row.key && value > 0;
        if (is_asked && !is_set(row.needs, policy_.types(setting))) add(setting, row.what, row.fix);
      }
      for (const HarmfulValue& row : kHarmfulValues) {
        if (key == row.key && value == row.value) add(setting, row.what, row.fix);
      }
    }
    return std::move(found_);
  }

 private:
  bool is_in_force(const Setting& setting) const {
    const Rule& rule = policy_.rule_of(setting);
    return !rule.is_void() && !setting.keeps_default && policy_.types(setting) != 0 &&
           (program_ == nullptr || policy_.matches_program(rule, *program_));
  }

  // Whether some rule sets it for all of these sockets.
  bool is_set(std::string_view key, zmq::TypeSet types) const {
    return std::any_of(policy_.begin(), policy_.end(), [&](const Setting& setting) {
      return is_in_force(setting) && policy_.option(setting.option).key == key &&
             setting.value.number(Kind::kCount) > 0 && (types & ~policy_.types(setting)) == 0;
    });
  }

  void add(const Setting& setting, std::string_view what, std::string_view fix) {
    if (!warned_of_.insert(setting.option).second) return;
    const Rule& rule = policy_.rule_of(setting);
    Finding finding =
        Finding::warning("zmq",
                         fmt::format("{} = {}: {}", policy_.option(setting.option).key.view(),
                                     zmq_value_text(policy_, setting), what),
                         std::string(fix));
    if (rule.kind == Rule::Kind::kVariables) {
      finding.place.file = zmq_origin_text(policy_, setting);
    } else {
      finding.place = {std::string(policy_.path(rule.file)), setting.line};
    }
    found_.push_back(std::move(finding));
  }

  const zmq::Policy& policy_;
  const Program* program_;
  std::set<OptionId> warned_of_;
  Findings found_;
};

}  // namespace

Findings find_zmq_warnings(const zmq::Policy& policy, const Program* program) {
  return ZmqWarnings(policy, program).find();
}

}  // namespace sockopt
