// SPDX-License-Identifier: MIT
//
// What is an address pattern and what is none: random texts against a grammar written a second
// time, as regular expressions, and ports to their very ends.
#include <algorithm>
#include <random>
#include <vector>

#include "tests/unit/policy/naive_address.h"

namespace sockopt::test {
namespace {

constexpr std::string_view kAccepted =
    "takes a port (443, 80-89), an address (192.0.2.1, [::1]), a prefix (10.0.0.0/8), "
    "or address and port (10.0.0.0/8:80-89, [::1]:443, *:443)";

bool is_taken(const std::string& text) {
  AddressPattern pattern{};
  TextOf<400> error;
  const bool taken = parse_address_pattern(text, pattern, error);
  EXPECT_EQ(error.empty(), taken) << text;
  return taken;
}

TEST(AddressSyntax, RandomTextsAreWhatTheGrammarSays) {
  constexpr std::string_view kAlphabet = "0012589.::/[]-*fFx !";
  std::mt19937 random(5);
  int taken = 0;
  for (int round = 0; round < 200'000; ++round) {
    std::string text;
    for (std::size_t i = random() % 9; i > 0; --i) text += kAlphabet[random() % kAlphabet.size()];
    ASSERT_EQ(is_taken(text), is_naive_pattern(text)) << text;
    taken += is_naive_pattern(text) ? 1 : 0;
  }
  EXPECT_GT(taken, 1'000);
}

// One character of a sound pattern changed, left out or put in.
TEST(AddressSyntax, NearMissesAreWhatTheGrammarSays) {
  std::mt19937 random(6);
  int refused = 0;
  for (const std::string sound :
       {"443", "80-89", "*", "*:443", "192.0.2.1", "192.0.2.1:443", "10.0.0.0/8",
        "10.0.0.0/8:80-89", "[::1]", "[::1]:443", "[2001:db8::]/32", "[2001:db8::]/32:1-65535",
        "[::ffff:10.0.0.0]/104:80", "0.0.0.0", "[::]:22"}) {
    EXPECT_TRUE(is_naive_pattern(sound)) << sound;
    EXPECT_TRUE(is_taken(sound)) << sound;
    for (std::size_t at = 0; at <= sound.size(); ++at) {
      std::vector<std::string> variants{sound.substr(0, at) +
                                        sound.substr(std::min(at + 1, sound.size()))};
      for (int byte = 1; byte < 256; ++byte) {
        const std::string c(1, static_cast<char>(byte));
        variants.push_back(sound.substr(0, at) + c + sound.substr(at));
        if (at < sound.size()) variants.push_back(sound.substr(0, at) + c + sound.substr(at + 1));
      }
      for (const std::string& variant : variants) {
        ASSERT_EQ(is_taken(variant), is_naive_pattern(variant)) << variant;
        refused += is_naive_pattern(variant) ? 0 : 1;
      }
    }
  }
  EXPECT_GT(refused, 10'000);
}

TEST(AddressSyntax, EveryPortAndNoneBeyond) {
  for (int port = 0; port <= 65535; ++port) {
    const AddressPattern pattern = pattern_of(std::to_string(port));
    ASSERT_EQ(pattern.first_port, port);
    ASSERT_EQ(pattern.last_port, port);
  }
  for (const long long port :
       {65536LL, 65537LL, 99999LL, 100000LL, 4294967296LL, 9223372036854775807LL}) {
    for (const std::string before : {"", "*:", "10.0.0.1:", "[::1]:", "1-"}) {
      EXPECT_EQ(refusal_of(before + std::to_string(port)), kAccepted);
    }
  }
  EXPECT_EQ(refusal_of("99999999999999999999999999"), kAccepted);
}

TEST(AddressSyntax, PortRangesHoldBothTheirEnds) {
  std::mt19937 random(8);
  for (int round = 0; round < 300; ++round) {
    const int a = static_cast<int>(random() % 65536);
    const int b = static_cast<int>(random() % 65536);
    const int low = std::min(a, b);
    const int high = std::max(a, b);
    const std::string range = std::to_string(low) + "-" + std::to_string(high);
    for (const std::string before : {"", "*:", "10.0.0.0/8:", "10.0.0.1:"}) {
      const AddressPattern pattern = pattern_of(before + range);
      for (const int port : {0, low - 1, low, low + 1, high - 1, high, high + 1, 65535}) {
        if (port < 0 || port > 65535) continue;
        const Address address = make_address(Address::Family::kIpv4, {10, 0, 0, 1}, port);
        ASSERT_EQ(pattern.matches(address), low <= port && port <= high) << range << ' ' << port;
      }
    }
    if (low != high) {
      EXPECT_EQ(refusal_of(std::to_string(high) + "-" + std::to_string(low)), kAccepted);
    }
  }
}

struct Refused {
  std::string_view text;
  std::string_view why;
};

TEST(AddressSyntax, EveryRefusalSaysWhatToWrite) {
  constexpr std::string_view kHost = "host names are not resolved; write the address";
  const Refused cases[] = {
      {"localhost", kHost},
      {"example.com:80", kHost},
      {"web-1", kHost},
      {"a/8", kHost},
      {"any:80", kHost},
      {"*.example.com", kHost},
      {"*/0", kHost},
      {"::", "write IPv6 addresses in brackets: [::]"},
      {"::1", "write IPv6 addresses in brackets: [::1]"},
      {"2001:db8::1", "write IPv6 addresses in brackets: [2001:db8::1]"},
      {"2001:db8::/32", "write IPv6 addresses in brackets: [2001:db8::/32]"},
      {"10.0.0.1/8", "has address bits beyond its 8-bit prefix"},
      {"10.0.0.1/0:80", "has address bits beyond its 0-bit prefix"},
      {"[2001:db8::1]/32:80", "has address bits beyond its 32-bit prefix"},
      {"[::ffff:10.0.0.1]/96", "has address bits beyond its 96-bit prefix"},
      {"", kAccepted},
      {"[]", kAccepted},
      {"[]:80", kAccepted},
      {":80", kAccepted},
      {"/8", kAccepted},
      {"80:", kAccepted},
      {"-", kAccepted},
      {"80-", kAccepted},
      {"-80", kAccepted},
      {"80--81", kAccepted},
      {"80-81-82", kAccepted},
      {"80,81", kAccepted},
      {"10.0.0", kAccepted},
      {"10.0.0.0.0", kAccepted},
      {"10.0.0.256", kAccepted},
      {"10.0.0.01", kAccepted},
      {"10.0.0.1/", kAccepted},
      {"10.0.0.1/:80", kAccepted},
      {"10.0.0.0/8/8", kAccepted},
      {"10.0.0.0/+8", kAccepted},
      {"10.0.0.0/255.0.0.0", kAccepted},
      {"10.0.0.1:", kAccepted},
      {"10.0.0.1:http", kAccepted},
      {"10.0.0.1:*", kAccepted},
      {"[::1", kAccepted},
      {"::1]", "write IPv6 addresses in brackets: [::1]]"},
      {"[[::1]]", kAccepted},
      {"[::1]443", kAccepted},
      {"[::1]:", kAccepted},
      {"[::1]/129", kAccepted},
      {"[::1%lo]", kAccepted},
      {"[10.0.0.1]", kAccepted},
      {"[*]:80", kAccepted},
      {"[localhost]:80", kAccepted},
  };
  for (const Refused& refused : cases) {
    EXPECT_EQ(refusal_of(refused.text), refused.why) << refused.text;
  }
}

}  // namespace
}  // namespace sockopt::test
