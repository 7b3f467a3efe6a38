// SPDX-License-Identifier: MIT
//
// PATTERN NUL SOCKADDR: what is an address pattern and which addresses it matches, against a
// grammar and a matcher written a second time; addresses as a program hands them over; and all of
// it written and read again.
#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>

#include "oracle.h"
#include "tests/unit/policy/naive_address.h"

namespace sockopt::fuzz {
namespace {

using test::NaivePattern;

std::string written(const NaivePattern& pattern) {
  std::string text = "*";
  if (pattern.family != Address::Family::kNone) {
    Address address;
    address.family = pattern.family;
    std::memcpy(address.bytes, pattern.bytes.data(), sizeof address.bytes);
    TextOf<80> host;
    format_address(address, host);
    text = std::string(host.view()) + '/' + std::to_string(pattern.prefix);
  }
  return text + ':' + std::to_string(pattern.first_port) + '-' + std::to_string(pattern.last_port);
}

bool is_same(const AddressPattern& pattern, const NaivePattern& naive) {
  if (pattern.first_port != naive.first_port || pattern.last_port != naive.last_port) return false;
  if (pattern.excludes || pattern.family != naive.family) return false;
  return pattern.is_any_address() ||
         (pattern.prefix == naive.prefix &&
          std::memcmp(pattern.bytes, naive.bytes.data(), sizeof pattern.bytes) == 0);
}

// Every bit of an address that the pattern matches, turned over.
void must_match_alike(const AddressPattern& pattern, const NaivePattern& naive, Address address) {
  const auto alike = [&] { return pattern.matches(address) == naive.matches(address); };
  SOCKOPT_HOLDS(alike(), naive.text);
  for (std::size_t i = 0; i < address.size() * 8; ++i) {
    address.bytes[i / 8] ^= static_cast<unsigned char>(1U << i % 8);
    SOCKOPT_HOLDS(alike(), naive.text + " bit " + std::to_string(i));
    address.bytes[i / 8] ^= static_cast<unsigned char>(1U << i % 8);
  }
  for (const std::uint16_t port : {pattern.first_port, pattern.last_port}) {
    for (const int step : {-1, 0, 1}) {
      address.port = static_cast<std::uint16_t>(port + step);
      SOCKOPT_HOLDS(alike(), naive.text + " port " + std::to_string(address.port));
    }
  }
}

// An address in memory that ends where its length says.
Address address_in(std::string_view bytes) {
  const auto copy = std::make_unique<char[]>(bytes.size());
  std::copy(bytes.begin(), bytes.end(), copy.get());
  const auto length = static_cast<socklen_t>(bytes.size());
  const Address address = Address::of(reinterpret_cast<const sockaddr*>(copy.get()), length);
  if (address.family == Address::Family::kNone) return address;
  TextOf<80> text;
  format_address(address, text);
  Address again;
  TextOf<200> error;
  if (address.port != 0) {
    SOCKOPT_HOLDS(parse_address(text.view(), again, error), std::string(text.view()));
    SOCKOPT_HOLDS(again == address, std::string(text.view()));
  }
  SOCKOPT_HOLDS(!address.or_loopback().is_wildcard(), std::string(text.view()));
  return address;
}

void test_pattern(const std::string& text, const Address& address) {
  AddressPattern pattern{};
  TextOf<256> error;
  const bool sound = parse_address_pattern(text, pattern, error);
  const std::optional<NaivePattern> naive = test::naive_pattern(text);
  SOCKOPT_HOLDS(sound == naive.has_value(), text);
  SOCKOPT_HOLDS(sound == error.empty(), text);
  Address own;
  TextOf<256> why;
  const bool is_address = parse_address(text, own, why);
  if (!sound) {
    must_be_whole(error);
    SOCKOPT_HOLDS(!is_address, text);
    return;
  }
  SOCKOPT_HOLDS(is_same(pattern, *naive), text);
  must_match_alike(pattern, *naive, address);
  Address first;
  first.family = pattern.family;
  first.port = pattern.first_port;
  std::memcpy(first.bytes, pattern.bytes, sizeof first.bytes);
  must_match_alike(pattern, *naive, first);
  if (is_address) SOCKOPT_HOLDS(own == first && pattern.matches(own), text);

  const std::string plainly = written(*naive);
  AddressPattern again{};
  SOCKOPT_HOLDS(parse_address_pattern(plainly, again, error), plainly);
  SOCKOPT_HOLDS(is_same(again, *naive), plainly);
}

}  // namespace
}  // namespace sockopt::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sockopt::fuzz;
  const std::string_view all = input(data, size);
  const std::size_t end = all.find('\0');
  const std::string pattern(all.substr(0, end));
  test_pattern(pattern, address_in(end == all.npos ? std::string_view() : all.substr(end + 1)));
  return 0;
}
