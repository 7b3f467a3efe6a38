// SPDX-License-Identifier: MIT
#include "tools/sockopt/diagnosis/counters.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "shim/options/number.h"

namespace sockopt {
namespace {

std::uint64_t count(const Counters& counters, std::string_view name) {
  const auto found = counters.find(name);
  return found == counters.end() ? 0 : found->second;
}

bool wants(const std::vector<Wanted>& wanted, std::string_view key) {
  return std::any_of(wanted.begin(), wanted.end(),
                     [&](const Wanted& one) { return one.option->key == key; });
}

}  // namespace

Counters parse_counters(std::string_view netstat) {
  Counters counters;
  std::istringstream lines{std::string(netstat)};
  for (std::string names, numbers; std::getline(lines, names) && std::getline(lines, numbers);) {
    std::istringstream name_words(names);
    std::istringstream number_words(numbers);
    std::string group;
    std::string repeated;
    name_words >> group;
    number_words >> repeated;
    if (group != repeated || !group.ends_with(':')) break;
    group.back() = '.';
    std::string name;
    std::uint64_t number = 0;
    while (name_words >> name && number_words >> number) counters[group + name] = number;
  }
  return counters;
}

Findings examine_counters(const Counters& counters, const std::vector<Wanted>& wanted,
                          const NetworkPlace& place) {
  Findings found;
  if (counters.empty()) return found;
  const std::string where(place.where());
  const std::uint64_t overflows = count(counters, "TcpExt.ListenOverflows");
  const std::uint64_t drops = count(counters, "TcpExt.ListenDrops");
  if (overflows != 0) {
    found.push_back(Finding::warning(
        "counters",
        fmt::format("{} times a connection was turned away because an accept queue was full{} "
                    "(ListenOverflows; ListenDrops {})",
                    overflows, where, drops),
        "sockopt show (DROPS names the listener); raise its backlog"));
  } else {
    found.push_back(Finding::ok("counters", fmt::format("no accept queue was ever full{}", where)));
  }
  const std::uint64_t ended = count(counters, "TcpExt.TCPAbortOnTimeout");
  if (wants(wanted, "keepalive") || wants(wanted, "user_timeout")) {
    found.push_back(Finding::ok(
        "counters", fmt::format("{} keepalive probes sent, {} connections ended by a timeout{} "
                                "(TCPKeepAlive, TCPAbortOnTimeout)",
                                count(counters, "TcpExt.TCPKeepAlive"), ended, where)));
  }
  const std::uint64_t full = count(counters, "TcpExt.TCPFastOpenListenOverflow");
  if (wants(wanted, "fastopen") && full != 0) {
    found.push_back(
        Finding::warning("counters",
                         fmt::format("{} times too many fast-open connections were pending{} "
                                     "(TCPFastOpenListenOverflow)",
                                     full, where),
                         "raise fastopen"));
  }
  return found;
}

}  // namespace sockopt
