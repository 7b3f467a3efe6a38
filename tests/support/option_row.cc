// SPDX-License-Identifier: MIT
#include "tests/support/option_row.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <map>

namespace sockopt::test {
namespace {

Value value_of_text(const std::string& text) {
  if (!text.starts_with("hex:")) return value_of_int(std::atoi(text.c_str()));
  unsigned char bytes[Value::kMaxBytes] = {};
  std::size_t size = 0;
  for (std::size_t at = 4; at + 1 < text.size() && size < sizeof bytes; at += 2) {
    bytes[size++] = static_cast<unsigned char>(std::stoi(text.substr(at, 2), nullptr, 16));
  }
  return value_of_bytes(bytes, size);
}

// The most that the kernel may add: a timer has at least 100 ticks a second.
std::int64_t rounding(const Option& option, std::int64_t number) {
  switch (option.unit) {
    case Unit::kSeconds:
      return number;
    case Unit::kMilliseconds:
      return 10;
    case Unit::kMicroseconds:
      return 10'000;
    default:
      return 0;
  }
}

}  // namespace

std::vector<std::size_t> socket_option_rows(bool (*wanted)(const Option&)) {
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < kOptionCount; ++row) {
    const Option& option = kOptions[row];
    if (!option.is_socket_option() || (wanted != nullptr && !wanted(option))) continue;
    rows.push_back(row);
  }
  return rows;
}

std::string upper_case(std::string_view key) {
  std::string name(key);
  for (char& c : name) c = to_upper(c);
  return name;
}

std::string distinct_value(const Option& option) {
  // Where the kind alone gives no sound one.
  static const std::map<std::string_view, std::string> kSpecial = {
      {"quickack", "on"},        {"congestion", "reno"},
      {"bindtodevice", "lo"},    {"mtu_discover", "do"},
      {"maxseg", "1200"},        {"rto_min_us", "100ms"},
      {"delack_max_us", "40ms"}, {"incoming_cpu", "0"},
      {"priority", "5"},         {"max_pacing_rate", "3M"},
      {"defer_accept", "5s"},    {"window_clamp", "40K"},
      {"rto_max_ms", "30s"},     {"rcvbuf", "32K"},
      {"sndbuf", "32K"},         {"fastopen_connect", "on"},
      {"txrehash", "off"},       {"autoflowlabel", "off"},
      {"minttl", "7"},           {"rcvbufforce", "8M"},
      {"sndbufforce", "8M"}};
  if (const auto special = kSpecial.find(option.key); special != kSpecial.end()) {
    return special->second;
  }
  switch (option.kind) {
    case Kind::kBoolean:
      return "on";
    case Kind::kCount:
      return "33";
    case Kind::kMask:
      return "0x2a";
    case Kind::kTimeval:
      return "60ms";
    case Kind::kPorts:
      return "40000-40099";
    case Kind::kDuration:
      return option.unit == Unit::kSeconds ? "61s" : "61ms";
    case Kind::kSize:
    case Kind::kRate:
      return "48K";
    case Kind::kTos:
      return "af21";
    case Kind::kLinger:
      return "5s";
    default:
      return "";
  }
}

Value parsed(const Option& option, const std::string& text) {
  Value value{};
  TextOf<256> error;
  EXPECT_TRUE(parse_value(option, text, value, error))
      << std::string_view(option.key) << " = " << text << ": " << error.view();
  return value;
}

bool kernel_knows(const Option& option) {
  const bool ipv6_only = !option.ipv4.exists();
  const KernelName name = ipv6_only ? option.ipv6 : option.ipv4;
  const int fd = socket(ipv6_only ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const Value value = parsed(option, distinct_value(option));
  const int set = setsockopt(fd, name.level, name.name, value.data(), value.length());
  const bool known = set == 0 || (errno != ENOPROTOOPT && errno != EOPNOTSUPP);
  close(fd);
  return known;
}

std::string get_step(const std::string& name, const KernelName& kernel) {
  return "get " + name + " " + std::to_string(kernel.level) + ":" + std::to_string(kernel.name);
}

bool reads_as(const Option& option, const Value& read, const std::string& wanted) {
  const Value asked = parsed(option, wanted);
  const std::int64_t number = read.number(option.kind);
  const std::int64_t target = asked.number(option.kind);
  switch (option.read_back) {
    case ReadBack::kDoubled:
      return number == 2 * target;
    case ReadBack::kRounded:  // up to a whole number of ticks, or of retransmissions
      return number >= target && number <= target + rounding(option, target);
    case ReadBack::kMss:  // a connected socket takes off what the options of its segments need
      return number <= target && number >= target - 40;
    case ReadBack::kCapped:
    case ReadBack::kEcnMasked:
    case ReadBack::kTransient:
    case ReadBack::kNever:
    case ReadBack::kAsSet:
      break;
  }
  TextOf<256> text;
  format_value(option, read, text);
  TextOf<256> expected;
  format_value(option, asked, expected);
  return text.view() == expected.view();
}

bool reads_as(const Option& option, const std::string& read, const std::string& wanted) {
  if (read.find_first_of("-0123456789h") != 0) return false;
  return reads_as(option, value_of_text(read), wanted);
}

}  // namespace sockopt::test
