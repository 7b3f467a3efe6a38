// SPDX-License-Identifier: MIT
//
// One end of a TCP connection, as plain data that can be compared, sorted and printed long after
// the socket it came from is closed.
#pragma once

#include <sys/socket.h>

#include <array>
#include <compare>
#include <cstdint>
#include <string>

#include "shim/policy/address.h"

namespace sockopt {

struct Endpoint {
  sa_family_t family = AF_UNSPEC;          ///< AF_UNSPEC: there is none
  std::array<std::uint8_t, 16> address{};  ///< network order; IPv4 fills the first four bytes
  std::uint16_t port = 0;                  ///< host order
  std::uint32_t scope = 0;                 ///< interface of a link-local IPv6 address

  static Endpoint of(const sockaddr_storage& address);

  bool exists() const { return family != AF_UNSPEC; }
  /// ::ffff:192.0.2.1: an AF_INET6 socket that speaks IPv4.
  bool is_v4_mapped() const;

  /// As the rules of a policy match it: an IPv4-mapped one is the IPv4 one.
  Address address_for_rules() const;

  /// `192.0.2.1:443`, `[2001:db8::1]:443`, `[fe80::1%2]:443`; `-` for none.
  std::string text() const;

  auto operator<=>(const Endpoint&) const = default;
};

}  // namespace sockopt
