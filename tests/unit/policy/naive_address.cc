// SPDX-License-Identifier: MIT
#include "tests/unit/policy/naive_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <regex>

namespace sockopt::test {
namespace {

constexpr int kMappedBits = 96;

// A number of any length: 0000443 is 443.
bool read_number(const std::string& text, int most, int& number) {
  const std::string digits = text.substr(std::min(text.find_first_not_of('0'), text.size() - 1));
  if (digits.size() > 9) return false;
  number = std::stoi(digits);
  return number <= most;
}

bool read_ports(const std::string& text, NaivePattern& pattern) {
  const std::size_t dash = text.find('-');
  const std::string last = dash == std::string::npos ? text : text.substr(dash + 1);
  return read_number(text.substr(0, dash), 65535, pattern.first_port) &&
         read_number(last, 65535, pattern.last_port) && pattern.first_port <= pattern.last_port;
}

bool is_mapped(const NaivePattern& pattern) {
  if (pattern.family != Address::Family::kIpv6 || pattern.prefix < kMappedBits) return false;
  for (int i = 0; i < kMappedBits; ++i) {
    if (bit_of(pattern.bytes, i) != (i >= 80)) return false;
  }
  return true;
}

bool read_prefixed(int family, const std::string& host, const std::string& prefix,
                   NaivePattern& pattern) {
  pattern.family = family == AF_INET ? Address::Family::kIpv4 : Address::Family::kIpv6;
  if (inet_pton(family, host.c_str(), pattern.bytes.data()) != 1) return false;
  pattern.prefix = bits_of(pattern.family);
  if (!prefix.empty() && !read_number(prefix, bits_of(pattern.family), pattern.prefix)) {
    return false;
  }
  for (int i = pattern.prefix; i < bits_of(pattern.family); ++i) {
    if (bit_of(pattern.bytes, i)) return false;
  }
  if (!is_mapped(pattern)) return true;
  pattern.family = Address::Family::kIpv4;
  pattern.prefix -= kMappedBits;
  std::rotate(pattern.bytes.begin(), pattern.bytes.begin() + kMappedBits / 8, pattern.bytes.end());
  std::fill(pattern.bytes.begin() + 4, pattern.bytes.end(), static_cast<unsigned char>(0));
  return true;
}

}  // namespace

bool NaivePattern::matches(const Address& address) const {
  if (address.family == Address::Family::kNone) return false;
  if (address.port < first_port || last_port < address.port) return false;
  if (family == Address::Family::kNone) return true;
  if (family != address.family) return false;
  Bytes other{};
  bool wildcard = true;
  for (std::size_t i = 0; i < address.size(); ++i) {
    other[i] = address.bytes[i];
    wildcard = wildcard && other[i] == 0;
  }
  if (wildcard && prefix != bits_of(family)) return false;
  for (int i = 0; i < prefix; ++i) {
    if (bit_of(bytes, i) != bit_of(other, i)) return false;
  }
  return true;
}

std::optional<NaivePattern> naive_pattern(const std::string& text) {
  static const std::regex kPorts(R"((\d+(?:-\d+)?))");
  static const std::regex kAny(R"(\*(?::(\d+(?:-\d+)?))?)");
  static const std::regex kIpv4(R"(([0-9.]+)(?:/(\d+))?(?::(\d+(?:-\d+)?))?)");
  static const std::regex kIpv6(R"(\[([0-9a-fA-F:.]+)\](?:/(\d+))?(?::(\d+(?:-\d+)?))?)");
  NaivePattern pattern;
  pattern.text = text;
  const auto and_ports = [&](const std::ssub_match& ports) -> std::optional<NaivePattern> {
    if (ports.matched && !read_ports(ports, pattern)) return std::nullopt;
    return pattern;
  };
  std::smatch part;
  if (std::regex_match(text, part, kPorts)) return and_ports(part[1]);
  if (std::regex_match(text, part, kAny)) return and_ports(part[1]);
  for (const int family : {AF_INET, AF_INET6}) {
    if (!std::regex_match(text, part, family == AF_INET ? kIpv4 : kIpv6)) continue;
    if (!read_prefixed(family, part[1], part[2], pattern)) return std::nullopt;
    return and_ports(part[3]);
  }
  return std::nullopt;
}

}  // namespace sockopt::test
