// SPDX-License-Identifier: MIT
//
// The policy as the programs in the kernel read it, compared with what the library makes of the
// same policy: every glob, and every port and address, must come to the same rules.
#include "tools/sockopt/bpf/compile_policy.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <random>
#include <set>

#include "shim/policy/glob.h"
#include "tests/support/configuration.h"

namespace sockopt::test {
namespace {

constexpr KernelVersion kNew = {6, 18};

TEST(PolicyImage, AnAutomatonTakesWhatTheGlobTakes) {
  const std::string characters = "abc";
  std::vector<std::string> names = {""};
  for (std::size_t i = 0; names[i].size() < 4; ++i) {
    for (const char c : characters) names.push_back(names[i] + c);
  }
  for (const char* glob :
       {"a",  "abc", "*",    "**",    "a*",     "*a",   "a*b", "a*b*c",  "?",    "a?c",
        "?*", "*?",  "[ab]", "[!a]*", "[a-b]c", "[]a]", "a[b", "*[!c]?", "a**c", "[^b]b"}) {
    const engine_glob compiled = compile_glob(glob);
    for (const std::string& name : names) {
      EXPECT_EQ(automaton_matches(compiled, name), glob_matches(glob, name)) << glob << ' ' << name;
    }
  }
}

TEST(PolicyImage, AnAutomatonKnowsLongNamesAndNoPaths) {
  const std::string longest(63, 'x');
  EXPECT_TRUE(automaton_matches(compile_glob(longest), longest));
  EXPECT_FALSE(automaton_matches(compile_glob(longest + 'x'), longest));
  EXPECT_TRUE(automaton_matches(compile_glob("*x"), longest));
  EXPECT_FALSE(automaton_matches(compile_glob("/usr/bin/*"), "nginx"));
  EXPECT_TRUE(automaton_matches(compile_glob("n\xc3\xa9*"), "n\xc3\xa9t"));
}

// Finds by the maps, as the programs do.
class Lookup {
 public:
  explicit Lookup(const Policy& policy) : image_(compile_policy(policy, kNew)) {}

  std::set<std::uint32_t> rules(engine_side side, const Address& address) const {
    const auto* ports = longest(image_.ports, [&](const engine_port_key& key) {
      const unsigned bits = key.prefix - 16;
      return key.side == side &&
             (bits == 0 || (ntohs(key.port) >> (16 - bits)) == (address.port >> (16 - bits)));
    });
    if (ports == nullptr) return {};
    const auto* host = longest(image_.hosts, [&](const engine_host_key& key) {
      const int family = address.family == Address::Family::kIpv4 ? AF_INET : AF_INET6;
      if (key.ports != ports->second || key.family != static_cast<__u32>(family)) return false;
      const auto* bytes = reinterpret_cast<const unsigned char*>(key.address);
      for (unsigned bit = 0; bit < key.prefix - 64; ++bit) {
        if (((bytes[bit / 8] ^ address.bytes[bit / 8]) >> (7 - bit % 8) & 1) != 0) return false;
      }
      return true;
    });
    if (host == nullptr) return {};
    const engine_range& range = image_.classes[host->second];
    const auto begin = image_.class_rules.begin() + range.first;
    return {begin, begin + range.count};
  }

 private:
  template <typename Entries, typename Matches>
  static const typename Entries::value_type* longest(const Entries& entries,
                                                     const Matches& matches) {
    const typename Entries::value_type* found = nullptr;
    for (const auto& entry : entries) {
      if (!matches(entry.first)) continue;
      if (found == nullptr || entry.first.prefix > found->first.prefix) found = &entry;
    }
    return found;
  }

  PolicyImage image_;
};

constexpr std::string_view kAddressRules = R"(
[rule ports]
listen = 80, 443, 8000-8999, !8500
keepidle = 1s
[rule host]
listen = 10.0.0.1:80
keepidle = 2s
[rule net]
listen = 10.0.0.0/8:80-89, !10.1.0.0/16, !10.2.3.4:82
keepidle = 3s
[rule all ipv4]
listen = 0.0.0.0/0
keepidle = 4s
[rule wildcard]
listen = 0.0.0.0:80, [::]:80
keepidle = 5s
[rule ipv6]
listen = [2001:db8::]/32, [::1]:443
keepidle = 6s
[rule all but]
listen = !443
keepidle = 7s
[rule any]
listen = *
keepidle = 8s
[rule peers]
connect = 192.0.2.0/24:5432, [2001:db8:1::]/48
keepidle = 9s
[rule all peers but]
connect = !192.0.2.7, !22
keepidle = 10s
[rule mapped]
connect = [::ffff:10.0.0.0]/104
keepidle = 11s
)";

TEST(PolicyImage, AnAddressLeadsToTheRulesThatMatchIt) {
  const Configuration configuration(kAddressRules);
  ASSERT_EQ(configuration.faults(), std::vector<std::string>{});
  const Policy& policy = configuration.policy();
  const Lookup lookup(policy);
  std::vector<Address> hosts;
  for (const char* text :
       {"0.0.0.0:1", "10.0.0.1:1", "10.0.0.2:1", "10.1.2.3:1", "10.2.3.4:1", "127.0.0.1:1",
        "192.0.2.7:1", "192.0.2.8:1", "255.255.255.255:1", "[::]:1", "[::1]:1", "[2001:db8::1]:1",
        "[2001:db8:1::1]:1", "[2001:db9::1]:1", "[fe80::1]:1", "9.255.255.255:1", "11.0.0.0:1"}) {
    TextOf<200> error;
    Address address;
    ASSERT_TRUE(parse_address(text, address, error)) << text << error.view();
    hosts.push_back(address);
  }
  for (Address address : hosts) {
    for (const int port : {0,   1,    21,   22,   23,   79,   80,   81,   82,   89,   90,
                           443, 5432, 7999, 8000, 8499, 8500, 8501, 8999, 9000, 65535}) {
      address.port = static_cast<std::uint16_t>(port);
      std::set<std::uint32_t> listen, connect;
      for (std::uint32_t i = 0; i < policy.rule_count(); ++i) {
        if (policy.matches_listen(policy.rule(i), address)) listen.insert(i);
        if (policy.matches_connect(policy.rule(i), address)) connect.insert(i);
      }
      TextOf<100> text;
      format_address(address, text);
      EXPECT_EQ(lookup.rules(ENGINE_LISTEN, address), listen) << text.view();
      EXPECT_EQ(lookup.rules(ENGINE_CONNECT, address), connect) << text.view();
    }
  }
}

// The numbers of the maps, not of the rules that a socket matches.
TEST(PolicyImage, RulesThatDoNotMatchLeaveNoTrace) {
  std::string text;
  for (int i = 0; i < 200; ++i) {
    text += "[rule r" + std::to_string(i) + "]\nlisten = " + std::to_string(10000 + i) +
            "\nkeepidle = 9s\n";
  }
  const Configuration configuration(text);
  const PolicyImage image = compile_policy(configuration.policy(), kNew);
  for (const engine_range& range : image.classes) {
    if (&range != &image.classes[ENGINE_CLASS_UNKNOWN]) {
      EXPECT_LE(range.count, 1U);
    }
  }
}

TEST(PolicyImage, SaysWhatItCannotSet) {
  const Configuration configuration(
      "[sockopt]\nkeepalive = on\nbacklog = 9\nv6only = on\nrto_max_ms = 2s\n"
      "max_pacing_rate = 8589934592\nlinger = default\n");
  std::map<std::string, BpfLimit> limits;
  for (const Setting& setting : configuration.policy()) {
    const std::string key(configuration.policy().option(setting.option).key.view());
    limits[key] = bpf_limit(configuration.policy(), setting, {6, 1});
  }
  EXPECT_EQ(limits["keepalive"], BpfLimit::kNone);
  EXPECT_EQ(limits["backlog"], BpfLimit::kNever);
  EXPECT_EQ(limits["v6only"], BpfLimit::kNever);
  EXPECT_EQ(limits["rto_max_ms"], BpfLimit::kTooOld);
  EXPECT_EQ(limits["max_pacing_rate"], BpfLimit::kOtherValue);
  EXPECT_EQ(limits["linger"], BpfLimit::kNone) << "`default` is nothing to be set";
}

TEST(PolicyImage, ReadsKernelVersions) {
  EXPECT_EQ(KernelVersion::parse("6.1.0-49-amd64"), (KernelVersion{6, 1}));
  EXPECT_LT(KernelVersion::parse("5.10.0"), KernelVersion::parse("6.1"));
  EXPECT_LT(KernelVersion::parse("6.1"), KernelVersion::parse("6.15"));
  EXPECT_EQ(KernelVersion::parse("7"), (KernelVersion{7, 0}));
}

}  // namespace
}  // namespace sockopt::test
