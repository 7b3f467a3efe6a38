// SPDX-License-Identifier: MIT
#include "shim/zmq/assignment.h"

#include "shim/config/assignment.h"
#include "shim/options/number.h"
#include "shim/options/suggestion.h"
#include "shim/options/value.h"

namespace sockopt::zmq {
namespace {

struct OtherName {
  FixedText<16> word;
  OptionId option;
};

// What the other options of this file, libzmq's older versions and CZMQ call them.
constexpr OtherName kOtherNames[] = {
    {"keepalive", find_key("tcp_keepalive")},   {"keepidle", find_key("tcp_keepalive_idle")},
    {"keepcnt", find_key("tcp_keepalive_cnt")}, {"keepintvl", find_key("tcp_keepalive_intvl")},
    {"user_timeout", find_key("tcp_maxrt")},    {"hwm", find_key("sndhwm")},
    {"heartbeat", find_key("heartbeat_ivl")},   {"reconnect", find_key("reconnect_ivl")},
};

OptionId resolve_raw(Policy& policy, std::string_view key, Text& error) {
  const NumberText read = read_integer(slice(key, std::string_view("raw.").size()));
  if (read.problem != NumberProblem::kNone || read.number < 0 || read.number > INT16_MAX) {
    error.quoted(key) << " is not raw.NUMBER with a number of zmq_setsockopt(3), such as raw.51";
    return kNoOption;
  }
  const int number = static_cast<int>(read.number);
  if (const OptionId known = find_number(number); known != kNoOption) {
    error.quoted(key) << " has its own key: " << kOptions[known].option.key;
    return kNoOption;
  }
  const OptionId id = policy.add_raw(number);
  if (id == kNoOption) {
    (error << "no room for ").quoted(key) << ": at most ";
    error.decimal(Policy::kMaxRaw) << " raw options";
  }
  return id;
}

// No option has a range below 0, and libzmq counts some times in tenths of a second: it would take
// less for none.
bool read_table_value(const Policy& policy, std::string_view value, Setting& setting, Text& error) {
  const OptionId id = setting.option;
  const Option& option = policy.option(id);
  TextOf<256> reason;
  if (id < kOptionCount && value.starts_with('-')) {
    policy.describe_range(id, error << "takes ");
    return false;
  }
  if (!read_value(option, value, setting, reason)) {
    error << reason.view();
    TextOf<96> range;
    sockopt::describe_range(option, range);
    if (policy.has_minus_one(id) && reason.view().ends_with(range.view())) error << " or -1";
    return false;
  }
  constexpr std::int64_t kTenth = 100;
  const bool is_in_tenths = option.read_back == ReadBack::kRounded && !setting.keeps_default;
  if (!is_in_tenths || setting.value.number(option.kind) % kTenth == 0) return true;
  error << "libzmq counts it in tenths of a second: takes 0ms, 100ms, 200ms ...";
  return false;
}

}  // namespace

OptionId resolve_key(Policy& policy, std::string_view key, Text& error) {
  if (key.starts_with("raw.")) return resolve_raw(policy, key, error);
  const OptionId id = find_key(key);
  if (id != kNoOption) return id;
  (error << "unknown ZeroMQ option ").quoted(key);
  const std::string_view meant = suggest_key(key);
  if (meant.empty()) {
    error << "; `sockopt options` lists them all";
  } else {
    error << "; did you mean `" << meant << "`?";
  }
  return kNoOption;
}

bool assign(Policy& policy, OptionId option, std::string_view value, std::uint32_t line,
            Text& error) {
  Setting setting{};
  setting.option = option;
  setting.line = line;
  if (policy.has_minus_one(option) && value == "-1") {
    setting.value = value_of_int(-1);
  } else if (!read_table_value(policy, value, setting, error)) {
    return false;
  }
  if (policy.add(setting)) return true;
  (error << "too many settings: at most ").decimal(Policy::kMaxFileSettings);
  return false;
}

std::string_view suggest_key(std::string_view unknown) {
  TextOf<48> lower;
  for (const char c : unknown) lower << (c == '-' ? '_' : to_lower(c));
  std::string_view word = lower.view();
  if (word.starts_with("zmq_")) word.remove_prefix(4);
  if (const OptionId exact = find_key(word); exact != kNoOption) return kOptions[exact].option.key;
  for (const OtherName& other : kOtherNames) {
    if (other.word == word) return kOptions[other.option].option.key;
  }
  NearestWord meant(word);
  for (const LibraryRow& row : kOptions) meant.consider(row.option.key);
  return meant.word();
}

}  // namespace sockopt::zmq
