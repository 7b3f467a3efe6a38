// SPDX-License-Identifier: MIT
#include "tools/sockopt/live/socket_role.h"

namespace sockopt {

std::string_view role_name(SocketRole role) {
  constexpr std::string_view kWords[] = {"listener", "accepted", "client", "unconnected"};
  static_assert(std::size(kWords) == static_cast<std::size_t>(SocketRole::kUnconnected) + 1);
  return kWords[static_cast<std::size_t>(role)];
}

void Listeners::add(std::uint64_t net_namespace, const Endpoint& local) {
  if (local.exists()) all_.emplace(net_namespace, local);
}

const Endpoint* Listeners::find(std::uint64_t net_namespace, const Endpoint& local) const {
  const auto look_up = [&](const Endpoint& endpoint) -> const Endpoint* {
    const auto found = all_.find({net_namespace, endpoint});
    return found == all_.end() ? nullptr : &found->second;
  };
  if (!local.exists()) return nullptr;
  if (const Endpoint* exact = look_up(local)) return exact;
  // An IPv4 peer of a [::] listener has an IPv6 socket too.
  Endpoint wildcard;
  wildcard.family = local.family;
  wildcard.port = local.port;
  return look_up(wildcard);
}

SocketRole role_of(const SocketFacts& facts, const Endpoint* listener) {
  if (facts.listening) return SocketRole::kListener;
  if (!facts.connected()) return SocketRole::kUnconnected;
  return listener != nullptr ? SocketRole::kAccepted : SocketRole::kClient;
}

}  // namespace sockopt
