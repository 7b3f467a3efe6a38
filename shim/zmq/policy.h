// SPDX-License-Identifier: MIT
//
// The policy for ZeroMQ's sockets: rules and settings as in shim/policy/policy.h, of another table,
// with the types of sockets that each rule is for.
#pragma once

#include <string_view>

#include "shim/policy/policy.h"
#include "shim/zmq/table.h"

namespace sockopt::zmq {

class Policy : public sockopt::Policy {
 public:
  static constexpr std::size_t kMaxRaw = 12;
  static_assert(kOptionCount + kMaxRaw <= kMaxOptions);

  /// The row of a table option or of a raw one.
  const Option& option(OptionId id) const {
    return id < kOptionCount ? kOptions[id].option : raw_[id - kOptionCount];
  }
  std::size_t option_count() const { return kOptionCount + raw_count_; }
  bool has_minus_one(OptionId id) const { return id < kOptionCount && kOptions[id].has_minus_one; }
  /// The sockets that have it: all, for what is known of a raw one.
  TypeSet types_of(OptionId id) const { return id < kOptionCount ? kOptions[id].types : kAllTypes; }
  /// The id for a number of zmq_setsockopt(3), or kNoOption.
  OptionId find(int number) const;

  /// The sockets that a rule is for; none for a rule about TCP's.
  TypeSet types(const Rule& rule) const { return types_[&rule - &this->rule(0)]; }
  TypeSet types(const Setting& setting) const {
    return types_[setting.rule] & types_of(setting.option);
  }
  /// Of the rule begun last.
  void set_types(TypeSet types) { types_[rule_count() - 1] = types; }

  /// The id for `raw.NUMBER`, made on first use; kNoOption where there is no room.
  OptionId add_raw(int number);

  /// `5s`, `-1`, `default` or `ignore`.
  void describe_value(const Setting& setting, Text& out) const;
  /// `/etc/sockopt.ini:3` or `SOCKOPT_ZMQ_LINGER`.
  void describe_origin(const Setting& setting, Text& out) const;
  /// What the option takes: `0ms..2147483647ms or -1`.
  void describe_range(OptionId id, Text& out) const;
  /// The variable of an option: `SOCKOPT_ZMQ_REQ_RELAXED`, `SOCKOPT_ZMQ_RAW_51`.
  void describe_variable(OptionId id, Text& out) const;

 private:
  std::uint8_t raw_count_ = 0;
  Option raw_[kMaxRaw];
  TypeSet types_[kMaxRules];  // of each rule
};

/// How a key is called where TCP's options are, too: -o, `explain`, `options`.
inline constexpr std::string_view kKeyPrefix = "zmq.";

}  // namespace sockopt::zmq
