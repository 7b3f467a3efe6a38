// SPDX-License-Identifier: MIT
//
// Policies and addresses out of few pieces, so that rules overlap and match often.
#include "tests/unit/policy/naive_policy.h"

namespace sockopt::test {
namespace {

bool one_in(Random& random, unsigned n) { return random() % n == 0; }

template <typename T>
const T& one_of(Random& random, const std::vector<T>& list) {
  return list[random() % list.size()];
}

Address::Family random_family(Random& random) {
  return one_in(random, 2) ? Address::Family::kIpv4 : Address::Family::kIpv6;
}

// A few neighbours, the loopback and the wildcard.
Bytes random_bytes(Random& random, Address::Family family) {
  const auto last = static_cast<unsigned char>(random() % 4);
  if (one_in(random, 4)) return {};
  if (family == Address::Family::kIpv4) {
    return one_in(random, 3) ? Bytes{192, 0, 2, last} : Bytes{10, 0, 0, last};
  }
  Bytes bytes{0x20, 0x01, 0x0d, 0xb8};
  if (one_in(random, 3)) bytes = {};
  bytes[15] = last;
  return bytes;
}

NaivePattern random_pattern(Random& random) {
  NaivePattern pattern;
  pattern.excludes = one_in(random, 5);
  const bool any = one_in(random, 3);
  if (!any) {
    pattern.family = random_family(random);
    pattern.bytes = random_bytes(random, pattern.family);
    const int size = bits_of(pattern.family);
    pattern.prefix =
        one_in(random, 2) ? size : static_cast<int>(random() % static_cast<unsigned>(size + 1));
    for (int i = pattern.prefix; i < size; ++i) {
      if (bit_of(pattern.bytes, i)) flip_bit(pattern.bytes, i);
    }
    pattern.text = text_of(pattern.family, pattern.bytes);
    if (pattern.prefix != size) pattern.text += "/" + std::to_string(pattern.prefix);
  }
  if (one_in(random, 3)) {
    if (any) pattern.text = "*";
    return pattern;
  }
  pattern.first_port = 80 + static_cast<int>(random() % 3);
  pattern.last_port = pattern.first_port + static_cast<int>(random() % 2);
  std::string ports = std::to_string(pattern.first_port);
  if (pattern.last_port != pattern.first_port) ports += "-" + std::to_string(pattern.last_port);
  if (any) {
    pattern.text = one_in(random, 2) ? ports : "*:" + ports;
  } else {
    pattern.text += ":" + ports;
  }
  return pattern;
}

std::vector<NaivePattern> random_patterns(Random& random) {
  std::vector<NaivePattern> list;
  for (std::size_t i = 1 + random() % 5; i > 0; --i) list.push_back(random_pattern(random));
  return list;
}

std::string random_value(Random& random, const std::string& key) {
  if (one_in(random, 8)) return "default";
  if (key == "keepalive" || key == "nodelay" || key == "reuseaddr") {
    return one_in(random, 2) ? "on" : "off";
  }
  const std::string number = std::to_string(1 + random() % 100);
  return key == "keepidle" || key == "keepintvl" ? number + "s" : number;
}

std::vector<NaiveSetting> random_settings(Random& random) {
  std::vector<NaiveSetting> settings;
  for (const std::string& key : naive_keys()) {
    if (one_in(random, 3)) settings.push_back({key, random_value(random, key)});
  }
  return settings;
}

NaiveRule random_rule(Random& random) {
  static const std::vector<std::string> kGlobs = {
      "nginx", "n*", "*", "[nh]*", "*-server", "?????", "no-such", "[!n]*", "h?prox[x-z]"};
  static const std::vector<std::string> kPresetsAndNone = {
      "", "", "", "", "balanced", "low-latency", "dead-peer"};
  NaiveRule rule;
  rule.settings = random_settings(random);
  rule.enforces = one_in(random, 4);
  rule.preset = one_of(random, kPresetsAndNone);
  rule.faulty = one_in(random, 20);
  switch (random() % 3) {
    case 0:
      rule.listens = random_patterns(random);
      break;
    case 1:
      rule.connects = random_patterns(random);
      break;
    default:
      break;
  }
  if (!rule.has_address() || one_in(random, 3)) {
    for (std::size_t i = 1 + random() % 4; i > 0; --i) {
      rule.programs.push_back({one_of(random, kGlobs), one_in(random, 5)});
    }
  }
  return rule;
}

}  // namespace

const std::vector<std::string>& naive_programs() {
  static const std::vector<std::string> programs = {"nginx", "redis-server", "haproxy"};
  return programs;
}

const std::vector<std::string>& naive_keys() {
  static const std::vector<std::string> keys = {"keepalive", "keepidle",  "keepintvl", "keepcnt",
                                                "backlog",   "reuseaddr", "nodelay",   "ttl"};
  return keys;
}

NaivePolicy random_policy(Random& random) {
  NaivePolicy policy;
  const std::size_t count = random() % 9;
  const std::size_t base = random() % 10;
  for (std::size_t i = 0; i <= count; ++i) {
    if (i == base) {
      NaiveRule rule;
      rule.kind = NaiveRule::Kind::kBase;
      rule.settings = random_settings(random);
      rule.enforces = one_in(random, 4);
      if (one_in(random, 4)) rule.preset = "balanced";
      policy.rules.push_back(rule);
    }
    if (i < count) policy.rules.push_back(random_rule(random));
  }
  NaiveRule variables;
  variables.kind = NaiveRule::Kind::kVariables;
  variables.enforces = one_in(random, 4);
  if (one_in(random, 3)) {
    variables.settings = random_settings(random);
    if (variables.settings.size() > 2) variables.settings.resize(2);
  }
  policy.rules.push_back(variables);
  return policy;
}

Address random_address(Random& random) {
  const Address::Family family = random_family(random);
  return make_address(family, random_bytes(random, family), 79 + static_cast<int>(random() % 6));
}

}  // namespace sockopt::test
