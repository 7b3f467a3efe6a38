// SPDX-License-Identifier: MIT
#include "shim/policy/address_text.h"

#include <cstring>

namespace sockopt {
namespace {

constexpr std::size_t kIpv4Bytes = 4;
constexpr std::size_t kIpv6Bytes = 16;

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  const char lower = to_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// One to three digits up to 255, without a zero in front.
bool read_octet(std::string_view text, unsigned char& octet) {
  if (text.empty() || text.size() > 3 || (text.size() > 1 && text.front() == '0')) return false;
  unsigned number = 0;
  for (const char c : text) {
    if (!is_digit(c)) return false;
    number = number * 10 + static_cast<unsigned>(c - '0');
  }
  octet = static_cast<unsigned char>(number);
  return number <= 255;
}

// One to four hexadecimal digits into two bytes.
bool read_group(std::string_view text, unsigned char* bytes) {
  if (text.empty() || text.size() > 4) return false;
  unsigned number = 0;
  for (const char c : text) {
    const int digit = hex_digit(c);
    if (digit < 0) return false;
    number = number << 4 | static_cast<unsigned>(digit);
  }
  bytes[0] = static_cast<unsigned char>(number >> 8);
  bytes[1] = static_cast<unsigned char>(number & 0xff);
  return true;
}

}  // namespace

bool read_ipv4(std::string_view text, unsigned char* bytes) {
  unsigned char read[kIpv4Bytes];
  for (std::size_t i = 0; i < kIpv4Bytes; ++i) {
    const std::size_t dot = text.find('.');
    const bool is_last = i + 1 == kIpv4Bytes;
    if ((dot == std::string_view::npos) != is_last) return false;
    if (!read_octet(slice(text, 0, dot), read[i])) return false;
    text = slice(text, is_last ? text.size() : dot + 1);
  }
  std::memcpy(bytes, read, sizeof read);
  return true;
}

bool read_ipv6(std::string_view text, unsigned char* bytes) {
  unsigned char read[kIpv6Bytes] = {};
  std::size_t size = 0;
  std::size_t gap = kIpv6Bytes + 1;  // where `::` stands for zeros; none so far
  if (text.starts_with(':') && !text.starts_with("::")) return false;
  if (text.starts_with("::")) {
    gap = 0;
    text.remove_prefix(2);
  }
  while (!text.empty()) {
    const std::size_t colon = text.find(':');
    const std::string_view group = slice(text, 0, colon);
    if (colon == std::string_view::npos && group.find('.') != std::string_view::npos) {
      if (size + kIpv4Bytes > kIpv6Bytes || !read_ipv4(group, read + size)) return false;
      size += kIpv4Bytes;
      break;
    }
    if (size + 2 > kIpv6Bytes || !read_group(group, read + size)) return false;
    size += 2;
    if (colon == std::string_view::npos) break;
    text.remove_prefix(colon + 1);
    if (text.empty()) return false;  // a single colon at the end
    if (!text.starts_with(':')) continue;
    if (gap <= kIpv6Bytes) return false;
    gap = size;
    text.remove_prefix(1);
  }
  const bool has_gap = gap <= kIpv6Bytes;
  if (has_gap ? size == kIpv6Bytes : size != kIpv6Bytes) return false;
  const std::size_t before = has_gap ? gap : size;
  std::memset(bytes, 0, kIpv6Bytes);
  std::memcpy(bytes, read, before);
  std::memcpy(bytes + kIpv6Bytes - (size - before), read + before, size - before);
  return true;
}

void write_ipv4(const unsigned char* bytes, Text& out) {
  for (std::size_t i = 0; i < kIpv4Bytes; ++i) {
    if (i != 0) out << '.';
    out.unsigned_decimal(bytes[i]);
  }
}

void write_ipv6(const unsigned char* bytes, Text& out) {
  constexpr std::size_t kGroups = kIpv6Bytes / 2;
  unsigned groups[kGroups];
  std::size_t gap = kGroups;  // where `::` stands for the first of the longest runs of zeros
  std::size_t longest = 1;    // one group is not worth it
  std::size_t zeros = 0;
  for (std::size_t i = 0; i < kGroups; ++i) {
    groups[i] = static_cast<unsigned>(bytes[2 * i] << 8 | bytes[2 * i + 1]);
    zeros = groups[i] == 0 ? zeros + 1 : 0;
    if (zeros <= longest) continue;
    longest = zeros;
    gap = i + 1 - zeros;
  }
  for (std::size_t i = 0; i < kGroups;) {
    if (i == gap) {
      out << "::";
      i += longest;
      continue;
    }
    if (i != 0 && i != gap + longest) out << ':';
    out.hex(groups[i++]);
  }
}

}  // namespace sockopt
