// SPDX-License-Identifier: MIT
//
// Socket addresses, and the patterns of `listen` and `connect` that match them: `443`,
// `10.0.0.0/8:80-89`, `[2001:db8::]/32:443`, `0.0.0.0`, `*`.  Numbers only: resolving host
// names is not the library's business.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string_view>

#include "shim/text/text.h"

namespace sockopt {

/// An address and a port.  An IPv4-mapped IPv6 address is the IPv4 one.
struct Address {
  enum class Family : std::uint8_t { kNone, kIpv4, kIpv6 };

  Family family = Family::kNone;
  std::uint16_t port = 0;
  unsigned char bytes[16] = {};  ///< network order; IPv4 in the first four

  /// kNone for other families, and for what is too short or cannot be read.  `family` is set to the
  /// family as it stands there, if that can be read.
  static Address of(const sockaddr* address, socklen_t length, sa_family_t* family = nullptr);

  /// 0.0.0.0 or [::].
  bool is_wildcard() const;
  /// 127.0.0.1 or [::1] in place of the wildcard.
  Address or_loopback() const;
  std::size_t size() const { return family == Family::kIpv4 ? 4 : 16; }
  bool operator==(const Address&) const = default;
};

/// `192.0.2.1:443`, `[::1]:443`; the port only where it is not 0.
void format_address(const Address& address, Text& out);

struct AddressPattern {
  Address::Family family;  ///< kNone: any address of either
  std::uint8_t prefix;     ///< bits of `bytes` that count
  bool excludes;           ///< written with `!`
  std::uint16_t first_port;
  std::uint16_t last_port;
  unsigned char bytes[16];

  /// Whether every address matches, the wildcard ones included.
  bool is_any_address() const { return family == Address::Family::kNone; }
  bool matches(const Address& address) const {
    return address.port >= first_port && address.port <= last_port && matches_host(address);
  }

 private:
  bool matches_host(const Address& address) const;
};

/// Reads one pattern, without its `!`.  If false, `error` says what is accepted.
bool parse_address_pattern(std::string_view text, AddressPattern& pattern, Text& error);

/// Reads `ADDRESS:PORT`: what explain is asked about.
bool parse_address(std::string_view text, Address& address, Text& error);

}  // namespace sockopt
