// SPDX-License-Identifier: MIT
#include "tests/unit/policy/addresses.h"

#include <arpa/inet.h>

#include <cstring>

namespace sockopt::test {

Address make_address(Address::Family family, const Bytes& bytes, int port) {
  Address address;
  address.family = family;
  address.port = static_cast<std::uint16_t>(port);
  std::memcpy(address.bytes, bytes.data(), family == Address::Family::kIpv4 ? 4 : 16);
  return address;
}

std::string text_of(Address::Family family, const Bytes& bytes) {
  char text[INET6_ADDRSTRLEN] = {};
  if (family == Address::Family::kIpv4) {
    inet_ntop(AF_INET, bytes.data(), text, sizeof text);
    return text;
  }
  inet_ntop(AF_INET6, bytes.data(), text, sizeof text);
  return "[" + std::string(text) + "]";
}

AddressPattern pattern_of(std::string_view text) {
  AddressPattern pattern{};
  TextOf<400> error;
  EXPECT_TRUE(parse_address_pattern(text, pattern, error)) << text << ": " << error.view();
  return pattern;
}

std::string refusal_of(std::string_view text) {
  AddressPattern pattern{};
  TextOf<400> error;
  EXPECT_FALSE(parse_address_pattern(text, pattern, error)) << text;
  EXPECT_FALSE(error.was_cut()) << text;
  return std::string(error.view());
}

Address address_of(std::string_view text) {
  Address address;
  TextOf<200> error;
  EXPECT_TRUE(parse_address(text, address, error)) << text << ": " << error.view();
  return address;
}

}  // namespace sockopt::test
