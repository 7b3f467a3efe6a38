// SPDX-License-Identifier: MIT
#include "shim/policy/address.h"

#include <netinet/in.h>

#include <cstring>

#include "shim/options/number.h"
#include "shim/policy/address_text.h"
#include "shim/system/memory.h"

namespace sockopt {
namespace {

constexpr unsigned char kMappedPrefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::uint16_t kLastPort = 65535;

bool says_what_is_accepted(Text& error) {
  error << "takes a port (443, 80-89), an address (192.0.2.1, [::1]), a prefix (10.0.0.0/8), "
           "or address and port (10.0.0.0/8:80-89, [::1]:443, *:443)";
  return false;
}

bool read_number(std::string_view text, std::int64_t max, std::int64_t& number) {
  for (const char c : text) {
    if (!is_digit(c)) return false;
  }
  const NumberText read = read_integer(text);
  number = read.number;
  return read.problem == NumberProblem::kNone && read.number <= max;
}

bool read_ports(std::string_view text, AddressPattern& pattern) {
  const std::size_t dash = text.find('-');
  std::int64_t first = 0;
  std::int64_t last = 0;
  if (!read_number(slice(text, 0, dash), kLastPort, first)) return false;
  last = first;
  if (dash != std::string_view::npos && !read_number(slice(text, dash + 1), kLastPort, last)) {
    return false;
  }
  pattern.first_port = static_cast<std::uint16_t>(first);
  pattern.last_port = static_cast<std::uint16_t>(last);
  return first <= last;
}

// The parts of `[2001:db8::]/32:443`, each empty if it is missing.
struct Parts {
  std::string_view host;
  std::string_view prefix;
  std::string_view ports;
  bool bracketed = false;
  bool has_prefix = false;
  bool has_ports = false;
};

bool split(std::string_view text, Parts& parts) {
  std::string_view rest = text;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return false;
    parts.bracketed = true;
    parts.host = slice(text, 1, close - 1);
    rest = slice(text, close + 1);
  } else {
    const std::size_t end = text.find_first_of("/:");
    parts.host = slice(text, 0, end);
    rest = slice(text, end);
  }
  if (rest.starts_with('/')) {
    const std::size_t end = rest.find(':');
    parts.has_prefix = true;
    parts.prefix = slice(rest, 1, end == std::string_view::npos ? end : end - 1);
    rest = slice(rest, end);
  }
  if (rest.starts_with(':')) {
    parts.has_ports = true;
    parts.ports = slice(rest, 1);
    rest = {};
  }
  return rest.empty();
}

bool looks_like_ports(std::string_view text) {
  for (const char c : text) {
    if (!is_digit(c) && c != '-') return false;
  }
  return !text.empty();
}

bool looks_like_ipv6(std::string_view text) {
  const std::size_t first = text.find(':');
  return first != std::string_view::npos && text.find(':', first + 1) != std::string_view::npos;
}

// Bits beyond the prefix are an error: 10.1.2.3/8 is a mistake more often than a prefix.
bool has_bits_beyond(const AddressPattern& pattern, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    const int kept = static_cast<int>(pattern.prefix) - static_cast<int>(i * 8);
    const unsigned mask = kept >= 8 ? 0xffU : kept <= 0 ? 0U : 0xffU << (8 - kept) & 0xffU;
    if ((pattern.bytes[i] & ~mask) != 0) return true;
  }
  return false;
}

}  // namespace

Address Address::of(const sockaddr* address, socklen_t length, sa_family_t* family) {
  Address result;
  if (length < sizeof(sa_family_t) || length > sizeof(sockaddr_storage)) return result;
  // No byte is looked at that means nothing: nobody may have written to it.
  constexpr std::size_t kIpv4Size = offsetof(sockaddr_in, sin_zero);
  constexpr std::size_t kIpv6Size = offsetof(sockaddr_in6, sin6_scope_id);
  const std::size_t size = length >= kIpv6Size  ? kIpv6Size
                           : length < kIpv4Size ? length
                                                : kIpv4Size;
  if (!system::is_readable(address, size)) return result;  // EINVAL or EFAULT, says the kernel
  if (family != nullptr) *family = address->sa_family;
  if (address->sa_family == AF_INET && length >= sizeof(sockaddr_in)) {
    sockaddr_in ipv4;
    std::memcpy(&ipv4, address, kIpv4Size);
    result.family = Family::kIpv4;
    result.port = ntohs(ipv4.sin_port);
    std::memcpy(result.bytes, &ipv4.sin_addr, 4);
  } else if (address->sa_family == AF_INET6 && length >= kIpv6Size) {
    sockaddr_in6 ipv6;
    std::memcpy(&ipv6, address, kIpv6Size);
    result.port = ntohs(ipv6.sin6_port);
    const auto* bytes = reinterpret_cast<const unsigned char*>(&ipv6.sin6_addr);
    const bool mapped = std::memcmp(bytes, kMappedPrefix, sizeof kMappedPrefix) == 0;
    result.family = mapped ? Family::kIpv4 : Family::kIpv6;
    std::memcpy(result.bytes, mapped ? bytes + sizeof kMappedPrefix : bytes, mapped ? 4 : 16);
  }
  return result;
}

bool Address::is_wildcard() const {
  for (std::size_t i = 0; i < size(); ++i) {
    if (bytes[i] != 0) return false;
  }
  return family != Family::kNone;
}

Address Address::or_loopback() const {
  Address result = *this;
  if (!is_wildcard()) return result;
  result.bytes[size() - 1] = 1;
  if (family == Family::kIpv4) result.bytes[0] = 127;
  return result;
}

void format_address(const Address& address, Text& out) {
  if (address.family == Address::Family::kIpv4) {
    write_ipv4(address.bytes, out);
  } else {
    write_ipv6(address.bytes, out << '[');
    out << ']';
  }
  if (address.port != 0) (out << ':').unsigned_decimal(address.port);
}

bool AddressPattern::matches_host(const Address& address) const {
  if (address.family == Address::Family::kNone) return false;
  if (is_any_address()) return true;
  if (family != address.family) return false;
  for (std::size_t i = 0; i < address.size(); ++i) {
    const int kept = static_cast<int>(prefix) - static_cast<int>(i * 8);
    if (kept <= 0) break;
    const unsigned mask = kept >= 8 ? 0xffU : 0xffU << (8 - kept) & 0xffU;
    if (((address.bytes[i] ^ bytes[i]) & mask) != 0) return false;
  }
  // A wildcard socket serves every address: only a pattern that names the wildcard means it.
  return prefix == address.size() * 8 || !address.is_wildcard();
}

bool parse_address_pattern(std::string_view text, AddressPattern& pattern, Text& error) {
  AddressPattern read{};
  read.last_port = kLastPort;
  if (looks_like_ports(text)) {
    if (!read_ports(text, read)) return says_what_is_accepted(error);
    pattern = read;
    return true;
  }
  if (!text.starts_with('[') && looks_like_ipv6(text)) {
    (error << "write IPv6 addresses in brackets: [").escaped(text, 60) << ']';
    return false;
  }
  Parts parts;
  if (!split(text, parts)) return says_what_is_accepted(error);
  if (parts.has_ports && !read_ports(parts.ports, read)) return says_what_is_accepted(error);
  if (parts.host == "*" && !parts.bracketed && !parts.has_prefix) {
    pattern = read;
    return true;
  }
  if (!(parts.bracketed ? read_ipv6 : read_ipv4)(parts.host, read.bytes)) {
    if (!parts.bracketed && !parts.host.empty() && !is_digit(parts.host.front())) {
      error << "host names are not resolved; write the address";
      return false;
    }
    return says_what_is_accepted(error);
  }
  read.family = parts.bracketed ? Address::Family::kIpv6 : Address::Family::kIpv4;
  const std::size_t size = parts.bracketed ? 16 : 4;
  std::int64_t bits = static_cast<std::int64_t>(size) * 8;
  if (parts.has_prefix && !read_number(parts.prefix, bits, bits)) {
    return says_what_is_accepted(error);
  }
  read.prefix = static_cast<std::uint8_t>(bits);
  if (has_bits_beyond(read, size)) {
    (error << "has address bits beyond its ").decimal(bits) << "-bit prefix";
    return false;
  }
  // A mapped address is its IPv4 one, in patterns as in addresses.
  if (parts.bracketed && bits >= 96 &&
      std::memcmp(read.bytes, kMappedPrefix, sizeof kMappedPrefix) == 0) {
    std::memmove(read.bytes, read.bytes + sizeof kMappedPrefix, 4);
    std::memset(read.bytes + 4, 0, sizeof read.bytes - 4);
    read.family = Address::Family::kIpv4;
    read.prefix = static_cast<std::uint8_t>(bits - 96);
  }
  pattern = read;
  return true;
}

bool parse_address(std::string_view text, Address& address, Text& error) {
  AddressPattern pattern{};
  TextOf<256> unused;
  Parts parts;
  const bool sound = parse_address_pattern(text, pattern, unused) && !pattern.is_any_address() &&
                     split(text, parts) && !parts.has_prefix && parts.has_ports &&
                     pattern.first_port == pattern.last_port;
  if (!sound) {
    error << "takes an address with its port: 192.0.2.1:443, 0.0.0.0:80, [::1]:443";
    return false;
  }
  address.family = pattern.family;
  address.port = pattern.first_port;
  std::memcpy(address.bytes, pattern.bytes, sizeof address.bytes);
  return true;
}

}  // namespace sockopt
