// SPDX-License-Identifier: MIT
//
// examine_service_connections: with Accept=yes systemd listens, and starts the service for each
// connection. The library sets its options at the start of each; those of listeners come too late.
#include <fmt/format.h>

#include "tools/sockopt/diagnosis/examine_service.h"
#include "tools/sockopt/diagnosis/wanted.h"
#include "tools/sockopt/units/accepting_socket.h"

namespace sockopt {
namespace {

// What sets the same in a socket unit; empty where nothing does.
std::string_view directive(std::string_view key) {
  if (key == "backlog") return "Backlog=";
  if (key == "defer_accept") return "DeferAcceptSec=";
  if (key == "reuseport") return "ReusePort=";
  if (key == "freebind") return "FreeBind=";
  if (key == "transparent") return "Transparent=";
  return {};
}

}  // namespace

Findings examine_service_connections(const ServiceSubject& subject, const ServicePolicy& policy) {
  const std::string socket = accepting_socket(subject.files, subject.unit.name);
  if (socket.empty()) return {};
  Findings found;
  for (const Wanted& wanted : wanted_settings(policy.policy(), nullptr)) {
    const std::string_view key = wanted.option->key.view();
    const bool acts_on_listeners = wanted.option->inheritance == Inheritance::kListener;
    if (!acts_on_listeners && directive(key).empty()) continue;
    found.push_back(Finding::warning(
        "connections",
        fmt::format("{} of {} does nothing here: {} listens, and hands connections over", key,
                    wanted.origin, socket),
        directive(key).empty() ? std::string() : fmt::format("{} in {}", directive(key), socket)));
  }
  return found;
}

}  // namespace sockopt
