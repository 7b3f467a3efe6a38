// SPDX-License-Identifier: MIT
//
// Which addresses a pattern means: the families, the wildcards and the prefixes.
#include "shim/policy/address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <cstring>
#include <string>

namespace sockopt::test {
namespace {

Address address(std::string_view text) {
  Address result;
  TextOf<200> error;
  EXPECT_TRUE(parse_address(text, result, error)) << text << ": " << error.view();
  return result;
}

bool matches(std::string_view text, std::string_view where) {
  AddressPattern pattern{};
  TextOf<400> error;
  EXPECT_TRUE(parse_address_pattern(text, pattern, error)) << text << ": " << error.view();
  return pattern.matches(address(where));
}

TEST(AddressPattern, APortIsEveryAddressOfBothFamilies) {
  for (const auto* where : {"0.0.0.0:443", "10.0.0.1:443", "[::]:443", "[::1]:443"}) {
    EXPECT_TRUE(matches("443", where)) << where;
    EXPECT_TRUE(matches("*:443", where)) << where;
    EXPECT_TRUE(matches("*", where)) << where;
    EXPECT_TRUE(matches("400-443", where)) << where;
    EXPECT_TRUE(matches("443-443", where)) << where;
    EXPECT_FALSE(matches("44", where)) << where;
    EXPECT_FALSE(matches("444-65535", where)) << where;
  }
}

TEST(AddressPattern, AWildcardIsThatBoundAddress) {
  EXPECT_TRUE(matches("0.0.0.0:80", "0.0.0.0:80"));
  EXPECT_TRUE(matches("0.0.0.0", "0.0.0.0:80"));
  EXPECT_TRUE(matches("[::]:80", "[::]:80"));
  EXPECT_FALSE(matches("0.0.0.0:80", "10.0.0.1:80"));
  EXPECT_FALSE(matches("0.0.0.0:80", "[::]:80"));
  EXPECT_FALSE(matches("[::]:80", "0.0.0.0:80"));
  EXPECT_FALSE(matches("[::]:80", "[::1]:80"));
}

TEST(AddressPattern, NoPrefixMatchesAWildcard) {
  EXPECT_FALSE(matches("0.0.0.0/0", "0.0.0.0:80"));
  EXPECT_FALSE(matches("0.0.0.0/8:80", "0.0.0.0:80"));
  EXPECT_FALSE(matches("[::]/0", "[::]:80"));
  EXPECT_TRUE(matches("0.0.0.0/0", "192.0.2.1:80"));
  EXPECT_TRUE(matches("[::]/0", "[2001:db8::1]:80"));
  EXPECT_FALSE(matches("[::]/0", "192.0.2.1:80"));
}

TEST(AddressPattern, APrefixCountsBits) {
  EXPECT_TRUE(matches("10.0.0.0/8:80-89", "10.255.255.255:85"));
  EXPECT_FALSE(matches("10.0.0.0/8:80-89", "11.0.0.0:85"));
  EXPECT_FALSE(matches("10.0.0.0/8:80-89", "10.0.0.1:90"));
  EXPECT_TRUE(matches("192.0.2.128/25", "192.0.2.129:1"));
  EXPECT_FALSE(matches("192.0.2.128/25", "192.0.2.127:1"));
  EXPECT_TRUE(matches("192.0.2.4/31", "192.0.2.5:1"));
  EXPECT_FALSE(matches("192.0.2.4/31", "192.0.2.6:1"));
  EXPECT_TRUE(matches("[2001:db8::]/33", "[2001:db8:7fff::1]:1"));
  EXPECT_FALSE(matches("[2001:db8::]/33", "[2001:db8:8000::1]:1"));
}

TEST(AddressPattern, MappedAddressesAreTheIpv4Ones) {
  EXPECT_TRUE(matches("10.0.0.1", "[::ffff:10.0.0.1]:80"));
  EXPECT_TRUE(matches("[::ffff:10.0.0.1]:80", "10.0.0.1:80"));
  EXPECT_TRUE(matches("[::ffff:10.0.0.0]/104", "10.1.2.3:80"));
  EXPECT_FALSE(matches("[::ffff:10.0.0.0]/104", "11.1.2.3:80"));
  EXPECT_FALSE(matches("[::10.0.0.1]:80", "10.0.0.1:80")) << "compatible is not mapped";
}

TEST(AddressPattern, ExplainsWhatItDoesNotTake) {
  const auto error_of = [](std::string_view text) {
    AddressPattern pattern{};
    TextOf<400> error;
    EXPECT_FALSE(parse_address_pattern(text, pattern, error)) << text;
    return std::string(error.view());
  };
  EXPECT_EQ(error_of("::1"), "write IPv6 addresses in brackets: [::1]");
  EXPECT_EQ(error_of("localhost"), "host names are not resolved; write the address");
  EXPECT_EQ(error_of("10.0.0.1/8"), "has address bits beyond its 8-bit prefix");
  EXPECT_EQ(error_of("[::1]/64"), "has address bits beyond its 64-bit prefix");
  for (const auto* text :
       {"",          "-",           "-80",          "80-",          "80-79",
        "65536",     "0x50",        "10.0.0",       "10.0.0.1.2",   "10.0.0.0/33",
        "10.0.0.0/", "10.0.0.0/-1", "10.0.0.1:",    "[::1",         "[::1]:",
        "[::1]x",    "[::]/129",    "[]",           "[]:80",        ":80",
        "256.0.0.1", "010.0.0.1",   "10.0.0.1:80-", "10.0.0.1 :80", "1.2.3.4/8x"}) {
    EXPECT_EQ(error_of(text).find("takes a port"), 0U) << text << ": " << error_of(text);
  }
}

TEST(AddressPattern, ARefusedTextLeavesThePatternAlone) {
  AddressPattern pattern{};
  pattern.first_port = 7;
  TextOf<400> error;
  EXPECT_FALSE(parse_address_pattern("10.0.0.0/33:80", pattern, error));
  EXPECT_EQ(pattern.first_port, 7);
}

TEST(Address, OfASocketAddress) {
  sockaddr_in ipv4{};
  ipv4.sin_family = AF_INET;
  ipv4.sin_port = htons(443);
  inet_pton(AF_INET, "192.0.2.1", &ipv4.sin_addr);
  const auto* generic = reinterpret_cast<const sockaddr*>(&ipv4);
  EXPECT_EQ(Address::of(generic, sizeof ipv4), address("192.0.2.1:443"));
  EXPECT_EQ(Address::of(generic, sizeof ipv4 + 100), address("192.0.2.1:443"));
  EXPECT_EQ(Address::of(generic, sizeof ipv4 - 1).family, Address::Family::kNone);
  EXPECT_EQ(Address::of(generic, 0).family, Address::Family::kNone);
  EXPECT_EQ(Address::of(nullptr, sizeof ipv4).family, Address::Family::kNone);

  sockaddr_in6 ipv6{};
  ipv6.sin6_family = AF_INET6;
  ipv6.sin6_port = htons(443);
  inet_pton(AF_INET6, "2001:db8::1", &ipv6.sin6_addr);
  const auto* generic6 = reinterpret_cast<const sockaddr*>(&ipv6);
  EXPECT_EQ(Address::of(generic6, sizeof ipv6), address("[2001:db8::1]:443"));
  EXPECT_EQ(Address::of(generic6, sizeof ipv6 - 4), address("[2001:db8::1]:443"))
      << "the kernel takes it without a scope";
  EXPECT_EQ(Address::of(generic6, sizeof ipv4).family, Address::Family::kNone);
  inet_pton(AF_INET6, "::ffff:192.0.2.1", &ipv6.sin6_addr);
  EXPECT_EQ(Address::of(generic6, sizeof ipv6), address("192.0.2.1:443"));

  sockaddr_un local{};
  local.sun_family = AF_UNIX;
  const auto* path = reinterpret_cast<const sockaddr*>(&local);
  EXPECT_EQ(Address::of(path, sizeof local).family, Address::Family::kNone);
}

TEST(Address, IsWrittenAsItIsRead) {
  for (const auto* text : {"192.0.2.1:443", "0.0.0.0:80", "[::1]:443", "[2001:db8::1]:65535"}) {
    TextOf<100> out;
    format_address(address(text), out);
    EXPECT_EQ(out.view(), text);
  }
  TextOf<100> out;
  Address without_port = address("[::]:1");
  without_port.port = 0;
  format_address(without_port, out);
  EXPECT_EQ(out.view(), "[::]");
  EXPECT_TRUE(without_port.is_wildcard());
  EXPECT_FALSE(Address().is_wildcard());
}

TEST(ParseAddress, TakesOneAddressWithItsPort) {
  for (const auto* text : {"443", "*:443", "192.0.2.1", "10.0.0.0/8:80", "192.0.2.1:80-90", "::1",
                           "[::1]", "localhost:80", ""}) {
    Address result;
    TextOf<200> error;
    EXPECT_FALSE(parse_address(text, result, error)) << text;
    EXPECT_EQ(error.view(), "takes an address with its port: 192.0.2.1:443, 0.0.0.0:80, [::1]:443");
  }
}

// The kernel answers these with EFAULT; a shim that looks at them first would be the one to fault.
TEST(AddressOf, APointerThatIsNoneIsNotLookedAt) {
  for (const std::uintptr_t pointer : {std::uintptr_t{0}, std::uintptr_t{8}, std::uintptr_t{4095},
                                       UINTPTR_MAX, UINTPTR_MAX - 4096}) {
    const auto* address = reinterpret_cast<const sockaddr*>(pointer);  // NOLINT
    EXPECT_EQ(Address::of(address, 16).family, Address::Family::kNone) << pointer;
  }
  sockaddr_storage storage = {};
  storage.ss_family = AF_INET;
  const auto* generic = reinterpret_cast<const sockaddr*>(&storage);
  EXPECT_EQ(Address::of(generic, sizeof storage).family, Address::Family::kIpv4);
  EXPECT_EQ(Address::of(generic, sizeof storage + 1).family, Address::Family::kNone);
}

Address read_address(std::string_view text) {
  Address address;
  TextOf<200> error;
  EXPECT_TRUE(parse_address(text, address, error)) << text;
  return address;
}

TEST(AddressOf, ToConnectToTheWildcardIsToConnectToThisHost) {
  EXPECT_EQ(read_address("0.0.0.0:80").or_loopback(), read_address("127.0.0.1:80"));
  EXPECT_EQ(read_address("[::]:80").or_loopback(), read_address("[::1]:80"));
  EXPECT_EQ(read_address("192.0.2.1:80").or_loopback(), read_address("192.0.2.1:80"));
}

}  // namespace
}  // namespace sockopt::test
