// SPDX-License-Identifier: MIT
//
// To add a warning: write its function and list it in kChecks.
#include "tools/sockopt/diagnosis/warnings.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <set>
#include <utility>

#include "shim/options/lookup.h"
#include "tools/sockopt/diagnosis/limits.h"
#include "tools/sockopt/diagnosis/network_place.h"
#include "tools/sockopt/policy/coverage.h"
#include "tools/sockopt/policy/option_words.h"
#include "tools/sockopt/policy/setting_text.h"
#include "tools/sockopt/report/output.h"

namespace sockopt {
namespace {

// What is said of the settings of one rule, each thing once over all rules.
class WarningList {
 public:
  explicit WarningList(const Policy& policy) : policy_(policy) {}

  void begin(const Rule* rule) { rule_ = rule; }

  void add(const Setting& setting, std::string what, std::string fix = {}) {
    if (!given_.emplace(policy_.index_of(setting), what).second) return;
    const Rule& own = policy_.rule_of(setting);
    // What is said of a line of [sockopt] on account of a rule names that rule.
    if (rule_ != nullptr && &own != rule_) {
      what += fmt::format(" (with [rule {}])", policy_.name(*rule_));
    }
    Finding finding = Finding::warning(std::string(policy_.option(setting.option).key.view()),
                                       std::move(what), std::move(fix));
    if (own.kind == Rule::Kind::kVariables) {
      finding.place.file = place_text(policy_, setting);
    } else {
      finding.place = {std::string(policy_.path(own.file)), setting.line};
    }
    findings_.push_back(std::move(finding));
  }

  Findings take() { return std::move(findings_); }

 private:
  const Policy& policy_;
  const Rule* rule_ = nullptr;
  std::set<std::pair<std::size_t, std::string>> given_;
  Findings findings_;
};

// What the option is where nothing sets it, if this host tells.
std::int64_t number_or(const Settings& settings, std::string_view key,
                       std::optional<std::int64_t> initial, std::int64_t usual) {
  const Setting* setting = settings.find(key);
  return setting != nullptr ? settings.number(*setting) : initial.value_or(usual);
}

void warn_of_short_user_timeout(const Settings& settings, const Host& host, WarningList& warnings) {
  const Setting* timeout = settings.find("user_timeout");
  if (timeout == nullptr || settings.number(*timeout) == 0) return;
  const bool probes = settings.is_on("keepalive") || settings.find("keepidle") != nullptr ||
                      settings.find("keepintvl") != nullptr || settings.find("keepcnt") != nullptr;
  if (!probes) return;
  const std::int64_t seconds = number_or(settings, "keepidle", host.keepalive_time, 7200) +
                               number_or(settings, "keepintvl", host.keepalive_intvl, 75) *
                                   number_or(settings, "keepcnt", host.keepalive_probes, 9);
  if (settings.number(*timeout) >= seconds * 1000) return;
  warnings.add(*timeout,
               fmt::format("{} is shorter than keepidle + keepintvl * keepcnt ({}s) and overrides "
                           "keepcnt: one lost probe kills an idle connection",
                           settings.text(*timeout), seconds),
               fmt::format("write {}s or more", seconds));
}

void warn_of_timers_without_keepalive(const Settings& settings, const Host& /*host*/,
                                      WarningList& warnings) {
  if (settings.is_on("keepalive")) return;
  for (const std::string_view key : {"keepidle", "keepintvl", "keepcnt"}) {
    const Setting* timer = settings.find(key);
    if (timer == nullptr) continue;
    warnings.add(*timer,
                 fmt::format("{} without `keepalive = on` does nothing, unless the program turns "
                             "keepalive on itself",
                             key));
    return;
  }
}

void warn_of_late_probes(const Settings& settings, const Host& /*host*/, WarningList& warnings) {
  const Setting* idle = settings.find("keepidle");
  if (idle == nullptr || settings.number(*idle) < kLeastPatience) return;
  const bool too_late_for_most = settings.number(*idle) >= kMiddleboxPatience;
  warnings.add(*idle,
               fmt::format("{}: {} load balancers and NAT gateways drop idle connections after {}s",
                           settings.text(*idle), too_late_for_most ? "many" : "some",
                           too_late_for_most ? kMiddleboxPatience : kLeastPatience),
               "probe earlier");
}

void warn_of_fixed_buffers(const Settings& settings, const Host& /*host*/, WarningList& warnings) {
  for (const std::string_view key : {"rcvbuf", "sndbuf", "rcvbufforce", "sndbufforce"}) {
    const Setting* buffer = settings.find(key);
    if (buffer == nullptr) continue;
    warnings.add(
        *buffer,
        fmt::format("{} fixes the size of this buffer, which the kernel then does not tune", key),
        fmt::format("net.ipv4.tcp_{} bounds it and leaves the tuning on",
                    key.front() == 'r' ? "rmem" : "wmem"));
  }
}

void warn_of_capped_backlog(const Settings& settings, const Host& host, WarningList& warnings) {
  const Setting* backlog = settings.find("backlog");
  if (backlog == nullptr || !host.somaxconn) return;
  const std::int64_t asked = settings.number(*backlog);
  if (asked == kIntMax || asked <= *host.somaxconn) return;  // the largest number is `max`
  warnings.add(*backlog,
               fmt::format("{}: this host allows {} (net.core.somaxconn)", settings.text(*backlog),
                           *host.somaxconn),
               "raise that, or write `backlog = max`");
}

void warn_of_defer_accept(const Settings& settings, const Host& /*host*/, WarningList& warnings) {
  const Setting* defer = settings.find("defer_accept");
  if (defer == nullptr || settings.number(*defer) == 0) return;
  if (!settings.is_for_every_listener(*defer)) return;
  warnings.add(
      *defer,
      "defer_accept for every listener: clients wait where the server speaks first (SSH, SMTP, "
      "MySQL), and health checks that only connect succeed while the server hangs");
}

// What is right for one program, and not for each that will ever run.
struct HarmEverywhere {
  std::string_view key;
  std::int64_t harmless;  ///< up to this number; -1: whatever it is set to
  std::string_view what;
};

constexpr HarmEverywhere kHarmEverywhere[] = {
    {"reuseport", 0,
     "a second instance started by mistake binds without an error and takes a share of the "
     "connections"},
    {"reuseaddr", 0,
     "a program that looks for a free port by binding to it is given one that another program has "
     "bound, and fails only at listen"},
    {"bind_address_no_port", 0,
     "a server that binds to port 0 and asks which port it was given reads 0"},
    {"freebind", 0,
     "a server with a wrong address in its configuration binds without an error, and nobody "
     "reaches it"},
    {"transparent", 0,
     "a server binds to any address without an error, those of other hosts among them"},
    {"bindtodevice", -1,
     "connections by way of any other device fail, those to 127.0.0.1 among them"},
    {"minttl", 1, "packets that come by way of routers are dropped, those of remote peers"},
};

void warn_of_harm_everywhere(const Settings& settings, const Host& /*host*/,
                             WarningList& warnings) {
  for (const HarmEverywhere& harm : kHarmEverywhere) {
    const Setting* setting = settings.find(harm.key);
    if (setting == nullptr) continue;
    if (harm.harmless >= 0 && settings.number(*setting) <= harm.harmless) continue;
    if (!settings.is_for_every_listener(*setting)) continue;
    warnings.add(*setting, fmt::format("{} for every socket: {}", harm.key, harm.what),
                 "name the programs: `program = ` in a rule");
  }
  const Setting* only = settings.find("v6only");
  if (only == nullptr || !settings.is_for_every_listener(*only)) return;
  warnings.add(*only,
               settings.is_on("v6only")
                   ? "v6only = on for every socket: servers that bind to [::] no longer accept IPv4"
                   : "v6only = off for every socket: a server that binds to 0.0.0.0 and then to "
                     "[::] fails, the port is in use",
               "name the programs: `program = ` in a rule");
}

void warn_of_missing_congestion(const Settings& settings, const Host& host, WarningList& warnings) {
  const Setting* setting = settings.find("congestion");
  if (setting == nullptr || host.congestion_available.empty()) return;
  const std::string name = value_text(kOptions[setting->option], setting->value);
  const auto& all = host.congestion_available;
  if (std::find(all.begin(), all.end(), name) != all.end()) return;
  warnings.add(*setting,
               fmt::format("congestion = {}: not loaded on this host (available: {}); sockets keep "
                           "their algorithm unless the program may load it",
                           name, joined(all, " ")),
               fmt::format("modprobe tcp_{}", name));
}

void warn_of_fastopen(const Settings& settings, const Host& host, WarningList& warnings) {
  const Setting* fastopen = settings.find("fastopen");
  if (fastopen == nullptr || settings.number(*fastopen) == 0) return;
  if (host.tcp_fastopen && (*host.tcp_fastopen & kFastopenServer) == 0) {
    warnings.add(
        *fastopen,
        fmt::format("fastopen does nothing while net.ipv4.tcp_fastopen ({}) lacks the server bit",
                    *host.tcp_fastopen),
        NetworkPlace{}.set("net.ipv4.tcp_fastopen",
                           std::to_string(*host.tcp_fastopen | kFastopenServer)));
    return;
  }
  warnings.add(*fastopen, "fastopen: data that comes with a SYN can arrive twice",
               "use it only where a repeated first request does no harm");
}

void warn_of_fastopen_connect(const Settings& settings, const Host& /*host*/,
                              WarningList& warnings) {
  const Setting* connects = settings.find("fastopen_connect");
  if (connects == nullptr || !settings.is_on("fastopen_connect")) return;
  warnings.add(
      *connects,
      "fastopen_connect: a client that reads before it writes never sends its SYN and waits "
      "forever, from the second connection on");
}

void warn_of_linger(const Settings& settings, const Host& /*host*/, WarningList& warnings) {
  const Setting* setting = settings.find("linger");
  if (setting == nullptr) return;
  struct linger linger = {};
  std::memcpy(&linger, setting->value.bytes, sizeof linger);
  if (linger.l_onoff == 0) return;
  if (linger.l_linger == 0) {
    warnings.add(*setting, "linger = reset: close drops unsent data, and the peer sees an error");
  } else {
    warnings.add(
        *setting,
        fmt::format("{}: close can block the program that long, even on non-blocking sockets",
                    settings.text(*setting)));
  }
}

void warn_of_dscp_as_tos(const Settings& settings, const Host& /*host*/, WarningList& warnings) {
  constexpr std::int64_t kEcnBits = 3;
  constexpr std::int64_t kLargestDscp = 63;
  const Setting* tos = settings.find("tos");
  if (tos == nullptr) return;
  // A TOS byte ends in the two ECN bits, which are the kernel's; a DSCP often ends in a 1.
  const std::int64_t number = settings.number(*tos);
  if (number > kLargestDscp || (number & kEcnBits) == 0) return;
  const Option& option = kOptions[tos->option];
  warnings.add(*tos, fmt::format("tos = {} looks like a DSCP", number),
               fmt::format("as a type-of-service byte that is {} (`tos = {}`)", number << 2,
                           value_text(option, value_of_int(static_cast<int>(number << 2)))));
}

using Check = void (*)(const Settings&, const Host&, WarningList&);
constexpr Check kChecks[] = {
    warn_of_short_user_timeout, warn_of_timers_without_keepalive,
    warn_of_late_probes,        warn_of_fixed_buffers,
    warn_of_capped_backlog,     warn_of_defer_accept,
    warn_of_harm_everywhere,    warn_of_fastopen,
    warn_of_fastopen_connect,   warn_of_linger,
    warn_of_dscp_as_tos,        warn_of_missing_congestion,
};

// Whether a list leaves out more than it names: `*` and exclusions do not.
template <typename Pattern, typename MatchesAll>
bool narrows(const Pattern* patterns, Range list, MatchesAll matches_all) {
  const Pattern* end = patterns + list.first + list.count;
  const bool includes = std::any_of(patterns + list.first, end,
                                    [](const Pattern& pattern) { return !pattern.excludes; });
  return includes && std::none_of(patterns + list.first, end, [&](const Pattern& pattern) {
           return !pattern.excludes && matches_all(pattern);
         });
}

}  // namespace

Settings::Settings(const Policy& policy, const Rule* rule) : policy_(policy) {
  for (const Setting& setting : policy) {
    const Rule& own = policy.rule_of(setting);
    const bool comes_along = own.kind == Rule::Kind::kVariables ||
                             (rule == nullptr ? own.kind == Rule::Kind::kBase
                                              : &own == rule || covers(policy, own, *rule));
    if (!comes_along) continue;
    chosen_[setting.option] = setting.keeps_default ? nullptr : &setting;
  }
}

const Setting* Settings::find(std::string_view key) const {
  const OptionId id = find_option(key);
  return id == kNoOption ? nullptr : chosen_[id];
}

bool Settings::is_on(std::string_view key) const {
  const Setting* setting = find(key);
  return setting != nullptr && number(*setting) != 0;
}

std::int64_t Settings::number(const Setting& setting) const {
  return setting.value.number(policy_.option(setting.option).kind);
}

std::string Settings::text(const Setting& setting) const {
  const Option& option = policy_.option(setting.option);
  return fmt::format("{} = {}", option.key.view(), value_text(option, setting.value));
}

bool Settings::is_for_every_listener(const Setting& setting) const {
  const Rule& rule = policy_.rule_of(setting);
  return rule.connects.count == 0 &&
         !narrows(policy_.programs(), rule.programs,
                  [&](const ProgramPattern& pattern) { return policy_.glob(pattern) == "*"; }) &&
         !narrows(policy_.addresses(), rule.listens, [](const AddressPattern& pattern) {
           return pattern.is_any_address() && pattern.first_port <= 1 && pattern.last_port == 65535;
         });
}

Findings find_warnings(const Policy& policy, const Host& host, const Program* program) {
  WarningList warnings(policy);
  const auto look = [&](const Rule* rule) {
    const Settings settings(policy, rule);
    warnings.begin(rule);
    for (const Check check : kChecks) check(settings, host, warnings);
  };
  look(nullptr);
  for (std::size_t i = 0; i < policy.rule_count(); ++i) {
    const Rule& rule = policy.rule(i);
    if (rule.kind != Rule::Kind::kRule || rule.is_void()) continue;
    if (program == nullptr || policy.matches_program(rule, *program)) look(&rule);
  }
  return warnings.take();
}

}  // namespace sockopt
