// SPDX-License-Identifier: MIT
//
// A policy a second time, as slowly and plainly as it can be said: rules in a row, each asked about
// each socket, the last answer taken. It writes itself as a file, for the real one to read.
#pragma once

#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "shim/options/lookup.h"
#include "shim/policy/plan.h"
#include "tests/unit/policy/naive_address.h"

namespace sockopt::test {

using Random = std::mt19937;

struct NaiveGlob {
  std::string text;
  bool excludes = false;
};

struct NaiveSetting {
  std::string key;
  std::string value;  ///< as format_value writes it, or `default`
};

struct NaiveRule {
  enum class Kind { kBase, kRule, kVariables };

  Kind kind = Kind::kRule;
  bool faulty = false;  ///< written with a condition that nobody can understand
  bool enforces = false;
  std::string preset;
  std::vector<NaiveGlob> programs;
  std::vector<NaivePattern> listens;
  std::vector<NaivePattern> connects;
  std::vector<NaiveSetting> settings;

  bool has_address() const { return !listens.empty() || !connects.empty(); }
  bool is_for(const std::string& program) const;
  bool matches(Side side, const Address& address) const;
  /// The value for the option, that of the preset if no line has one.
  std::optional<std::string> value(const std::string& key) const;
};

/// What a socket gets for an option: `60s`, `60s!` where it is enforced, empty for nothing.
using NaiveDecision = std::map<std::string, std::string>;

struct NaivePolicy {
  std::vector<NaiveRule> rules;

  std::string file() const;
  std::vector<std::string> variables() const;

  NaiveDecision decide(const std::string& program, Side side, const Address& address) const;
  /// Without an address: by the rules that ask for none.
  NaiveDecision base(const std::string& program) const;
  /// Whether an address may still change the option.
  bool waits(const std::string& program, const std::string& key) const;
};

/// The programs and options that random policies are about.
const std::vector<std::string>& naive_programs();
const std::vector<std::string>& naive_keys();

NaivePolicy random_policy(Random& random);
Address random_address(Random& random);

}  // namespace sockopt::test
