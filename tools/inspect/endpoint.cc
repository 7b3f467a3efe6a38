// SPDX-License-Identifier: MIT
#include "tools/inspect/endpoint.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>

namespace sockopt {

Endpoint Endpoint::of(const sockaddr_storage& address) {
  Endpoint endpoint;
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    std::memcpy(endpoint.address.data(), &v4.sin_addr, sizeof v4.sin_addr);
    endpoint.port = ntohs(v4.sin_port);
  } else if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    std::memcpy(endpoint.address.data(), &v6.sin6_addr, sizeof v6.sin6_addr);
    endpoint.port = ntohs(v6.sin6_port);
    endpoint.scope = v6.sin6_scope_id;
  } else {
    return endpoint;
  }
  endpoint.family = address.ss_family;
  return endpoint;
}

bool Endpoint::is_v4_mapped() const {
  constexpr std::uint8_t kPrefix[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  return family == AF_INET6 && std::memcmp(address.data(), kPrefix, sizeof kPrefix) == 0;
}

Address Endpoint::address_for_rules() const {
  Address result;
  if (!exists()) return result;
  const bool v4 = family == AF_INET || is_v4_mapped();
  constexpr std::size_t kMappedAt = 12;
  result.family = v4 ? Address::Family::kIpv4 : Address::Family::kIpv6;
  result.port = port;
  const auto first = address.begin() + (is_v4_mapped() ? kMappedAt : 0);
  std::copy_n(first, result.size(), std::begin(result.bytes));
  return result;
}

std::string Endpoint::text() const {
  if (!exists()) return "-";
  char number[INET6_ADDRSTRLEN] = "";
  inet_ntop(family, address.data(), number, sizeof number);
  std::string host = number;
  if (scope != 0) host += "%" + std::to_string(scope);
  if (family == AF_INET6) host = "[" + host + "]";
  return host + ":" + std::to_string(port);
}

}  // namespace sockopt
