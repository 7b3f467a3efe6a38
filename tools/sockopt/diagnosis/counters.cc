// SPDX-License-Identifier: MIT
#include "tools/sockopt/diagnosis/counters.h"

#include <fmt/format.h>

#include <algorithm>

namespace sockopt {
namespace {

bool wants(const std::vector<Wanted>& wanted, std::string_view key) {
  return std::any_of(wanted.begin(), wanted.end(),
                     [&](const Wanted& one) { return one.option->key == key; });
}

}  // namespace

Findings examine_counters(const Counters& counters, const std::vector<Wanted>& wanted,
                          const NetworkPlace& place, std::optional<std::uint64_t> of_listeners) {
  Findings found;
  if (counters.empty()) return found;
  const std::string where(place.where());
  const std::uint64_t overflows = count_of(counters, "TcpExt.ListenOverflows");
  const std::uint64_t drops = count_of(counters, "TcpExt.ListenDrops");
  if (overflows != 0) {
    const std::string what = fmt::format(
        "{} packets of new connections were dropped because an accept queue was full{} "
        "(ListenOverflows; ListenDrops {})",
        overflows, where, drops);
    if (of_listeners == 0) {
      found.push_back(Finding::note("counters", what + "; the listeners that did so are gone"));
    } else {
      found.push_back(
          Finding::warning("counters", what,
                           "sockopt show --drops  # those that are still there; raise their "
                           "backlog"));
    }
  } else {
    found.push_back(Finding::ok("counters", fmt::format("no accept queue was ever full{}", where)));
  }
  const std::uint64_t ended = count_of(counters, "TcpExt.TCPAbortOnTimeout");
  if (wants(wanted, "keepalive") || wants(wanted, "user_timeout")) {
    found.push_back(Finding::ok(
        "counters", fmt::format("{} keepalive probes sent, {} connections ended by a timeout{} "
                                "(TCPKeepAlive, TCPAbortOnTimeout)",
                                count_of(counters, "TcpExt.TCPKeepAlive"), ended, where)));
  }
  const std::uint64_t full = count_of(counters, "TcpExt.TCPFastOpenListenOverflow");
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
