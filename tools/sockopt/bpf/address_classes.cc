// SPDX-License-Identifier: MIT
#include "tools/sockopt/bpf/address_classes.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <compare>
#include <cstring>
#include <iterator>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "tools/sockopt/bpf/policy_image.h"

namespace sockopt {
namespace {

constexpr std::uint32_t kPortBits = 16;
constexpr std::uint32_t kHostBits = 64;  // of the key, before the address

// Rules by number, patterns by theirs in the policy.
using Numbers = std::vector<std::uint32_t>;

struct Prefix {
  Address::Family family;
  unsigned bits;
  std::array<unsigned char, 16> bytes;
  auto operator<=>(const Prefix&) const = default;

  Address address() const {
    Address result;
    result.family = family;
    std::memcpy(result.bytes, bytes.data(), sizeof result.bytes);
    return result;
  }
  unsigned longest() const { return family == Address::Family::kIpv4 ? 32 : 128; }
};

// Whether the pattern matches what has this prefix, but none that is longer and also named. The
// wildcard address is a prefix of its own: only those that name it match it.
bool covers(const AddressPattern& pattern, const Prefix& prefix) {
  if (pattern.is_any_address()) return true;
  if (pattern.family != prefix.family || pattern.prefix > prefix.bits) return false;
  const Address address = prefix.address();
  const bool is_wildcard = prefix.bits == prefix.longest() && address.is_wildcard();
  if (is_wildcard && pattern.prefix != prefix.bits) return false;
  for (unsigned bit = 0; bit < pattern.prefix; ++bit) {
    const unsigned difference =
        static_cast<unsigned>(pattern.bytes[bit / 8]) ^ prefix.bytes[bit / 8];
    if ((difference >> (7 - bit % 8) & 1) != 0) return false;
  }
  return true;
}

class AddressCompiler {
 public:
  AddressCompiler(const Policy& policy, PolicyImage& image) : policy_(policy), image_(image) {}

  void compile() {
    Numbers all;
    for (const engine_side side : {ENGINE_LISTEN, ENGINE_CONNECT}) {
      find_rules(side);
      all.insert(all.end(), rules_.begin(), rules_.end());
      compile_side(side);
    }
    std::sort(all.begin(), all.end());
    image_.has_addresses = !all.empty();
    // Known before any other.
    image_.classes[ENGINE_CLASS_UNKNOWN] = add_rules(all);
  }

  static void reserve_classes(PolicyImage& image) { image.classes.assign(ENGINE_FIRST_CLASS, {}); }

 private:
  const Range& list_of(std::uint32_t rule) const {
    return side_ == ENGINE_LISTEN ? policy_.rule(rule).listens : policy_.rule(rule).connects;
  }

  void find_rules(engine_side side) {
    side_ = side;
    rules_.clear();
    for (std::uint32_t i = 0; i < policy_.rule_count(); ++i) {
      const Rule& rule = policy_.rule(i);
      if (rule.is_void() || image_.rules[i].settings.count == 0) continue;
      const bool listens = rule.listens.count != 0;
      if (listens ? side == ENGINE_LISTEN : side == ENGINE_CONNECT && rule.connects.count != 0) {
        rules_.push_back(i);
      }
    }
  }

  // The patterns that a port is in, for each stretch of ports between which that is the same.
  void compile_side(engine_side side) {
    std::set<std::uint32_t> begins = {0};
    for (const std::uint32_t rule : rules_) {
      each_pattern(rule, [&](std::uint32_t number) {
        begins.insert(policy_.addresses()[number].first_port);
        begins.insert(policy_.addresses()[number].last_port + 1U);
      });
    }
    if (rules_.empty()) return;
    std::map<Numbers, std::uint32_t> known;
    for (auto it = begins.begin(); it != begins.end() && *it <= 65535; ++it) {
      const auto next = std::next(it);
      const std::uint32_t last = next == begins.end() ? 65535 : *next - 1;
      Numbers patterns;
      for (const std::uint32_t rule : rules_) {
        each_pattern(rule, [&](std::uint32_t number) {
          const AddressPattern& pattern = policy_.addresses()[number];
          if (pattern.first_port <= *it && *it <= pattern.last_port) patterns.push_back(number);
        });
      }
      const auto [place, is_new] = known.try_emplace(patterns, next_ports_);
      if (is_new) {
        compile_hosts(patterns, next_ports_);
        ++next_ports_;
      }
      add_ports(side, *it, last, place->second);
    }
  }

  template <typename Visit>
  void each_pattern(std::uint32_t rule, const Visit& visit) const {
    const Range& list = list_of(rule);
    for (std::uint32_t i = 0; i < list.count; ++i) visit(list.first + i);
  }

  // A range is as many prefixes as it takes.
  void add_ports(engine_side side, std::uint32_t first, std::uint32_t last, std::uint32_t ports) {
    while (first <= last) {
      std::uint32_t bits = 0;
      while (bits < 16 && (first & (1U << bits)) == 0 && first + (2U << bits) - 1 <= last) ++bits;
      engine_port_key key{};
      key.prefix = kPortBits + 16 - bits;
      key.side = static_cast<__u16>(side);
      key.port = htons(static_cast<std::uint16_t>(first));
      image_.ports.push_back({key, ports});
      first += 1U << bits;
    }
  }

  void compile_hosts(const Numbers& patterns, std::uint32_t ports) {
    std::set<Prefix> prefixes;
    for (const auto family : {Address::Family::kIpv4, Address::Family::kIpv6}) {
      Prefix prefix = {family, 0, {}};
      prefixes.insert(prefix);
      prefix.bits = prefix.longest();
      prefixes.insert(prefix);
    }
    for (const std::uint32_t number : patterns) {
      const AddressPattern& pattern = policy_.addresses()[number];
      if (pattern.is_any_address()) continue;
      Prefix prefix = {pattern.family, pattern.prefix, {}};
      std::memcpy(prefix.bytes.data(), pattern.bytes, sizeof pattern.bytes);
      prefixes.insert(prefix);
    }
    for (const Prefix& prefix : prefixes) {
      engine_host_key key{};
      key.prefix = kHostBits + prefix.bits;
      key.ports = ports;
      key.family = prefix.family == Address::Family::kIpv4 ? AF_INET : AF_INET6;
      std::memcpy(key.address, prefix.bytes.data(), sizeof key.address);
      image_.hosts.push_back({key, class_of(matching(patterns, prefix))});
    }
  }

  // The rules that match what has this prefix, on a port that is in these patterns.
  Numbers matching(const Numbers& patterns, const Prefix& prefix) const {
    Numbers result;
    auto at = patterns.begin();
    for (const std::uint32_t rule : rules_) {
      const Range& list = list_of(rule);
      bool asks = false;
      bool included = false;
      bool excluded = false;
      each_pattern(rule, [&](std::uint32_t number) {
        asks = asks || !policy_.addresses()[number].excludes;
      });
      for (; at != patterns.end() && *at >= list.first && *at < list.first + list.count; ++at) {
        const AddressPattern& pattern = policy_.addresses()[*at];
        if (!covers(pattern, prefix)) continue;
        (pattern.excludes ? excluded : included) = true;
      }
      if (!excluded && (included || !asks)) result.push_back(rule);
    }
    return result;
  }

  std::uint32_t class_of(const Numbers& rules) {
    if (rules.empty()) return ENGINE_CLASS_OTHER;
    const auto [place, is_new] =
        classes_.try_emplace(rules, static_cast<std::uint32_t>(image_.classes.size()));
    if (is_new) image_.classes.push_back(add_rules(rules));
    return place->second;
  }

  engine_range add_rules(const Numbers& rules) {
    const engine_range range = {static_cast<std::uint32_t>(image_.class_rules.size()),
                                static_cast<std::uint32_t>(rules.size())};
    image_.class_rules.insert(image_.class_rules.end(), rules.begin(), rules.end());
    return range;
  }

  const Policy& policy_;
  PolicyImage& image_;
  engine_side side_ = ENGINE_LISTEN;
  Numbers rules_;
  std::map<Numbers, std::uint32_t> classes_;
  std::uint32_t next_ports_ = 0;
};

}  // namespace

void compile_addresses(const Policy& policy, PolicyImage& image) {
  AddressCompiler::reserve_classes(image);
  AddressCompiler(policy, image).compile();
}

}  // namespace sockopt
