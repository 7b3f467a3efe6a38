// SPDX-License-Identifier: MIT
#include "shim/options/value.h"

#include <cstring>

#include "shim/options/number.h"
#include "shim/options/words.h"

namespace sockopt {
namespace {

bool wants(const Option& option, Text& error) {
  error << "takes ";
  describe_range(option, error);
  return false;
}

bool is_name_character(char c) {
  return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'z') || c == '_' || c == '-' ||
         c == '.' || c == ':' || c == '+' || c == '@';
}

// Reads a number, or explains why it is malformed or out of range.
bool read_number(const Option& option, std::string_view text, std::int64_t& number, Text& error) {
  const bool timed = option.kind == Kind::kDuration || option.kind == Kind::kLinger ||
                     option.kind == Kind::kTimeval;
  const NumberText read = timed ? read_duration(text, option.unit)
                          : option.kind == Kind::kSize || option.kind == Kind::kRate
                              ? read_size(text)
                              : read_integer(text);
  switch (read.problem) {
    case NumberProblem::kNone:
      break;
    case NumberProblem::kNeedsUnit:
      (error << "needs a unit: ").escaped(text, 20) << "s or ";
      error.escaped(text, 20) << unit_suffix(option.unit);
      return false;
    case NumberProblem::kNotWhole:
      error.quoted(text) << " is not a whole number of " << unit_name(option.unit);
      return false;
    case NumberProblem::kTrailing:
      (error << "unexpected ").quoted(read.rest) << " after the number; ";
      return wants(option, error);
    case NumberProblem::kOverflow:
    case NumberProblem::kNotANumber:
      return wants(option, error);
  }
  if (read.number < option.min || read.number > option.max) return wants(option, error);
  number = read.number;
  return true;
}

bool parse_boolean(const Option& option, std::string_view text, Value& value, Text& error) {
  const Word* word = find_text(kBooleanNames, text);
  if (word == nullptr) return wants(option, error);
  value = value_of_int(word->number);
  return true;
}

bool parse_int(const Option& option, std::string_view text, Value& value, Text& error) {
  std::int64_t number = 0;
  if (!read_number(option, text, number, error)) return false;
  // kMask goes up to 2^32 - 1: the same four bytes.
  value = value_of_int(static_cast<int>(static_cast<std::uint32_t>(number)));
  return true;
}

template <std::size_t kCount>
bool parse_word_or_int(const Word (&words)[kCount], const Option& option, std::string_view text,
                       Value& value, Text& error) {
  const Word* word = find_text(words, text);
  if (word == nullptr) return parse_int(option, text, value, error);
  value = value_of_int(word->number);
  return true;
}

bool parse_rate(const Option& option, std::string_view text, Value& value, Text& error) {
  std::int64_t number = 0;
  if (!read_number(option, text, number, error)) return false;
  // SO_MAX_PACING_RATE takes an unsigned long since Linux 4.20; on 32 bits that is an int's size.
  const auto rate = static_cast<unsigned long>(number);
  value = value_of_bytes(&rate, sizeof rate);
  return true;
}

bool parse_linger(const Option& option, std::string_view text, Value& value, Text& error) {
  struct linger linger = {0, 0};
  if (equals_ignoring_case(text, "reset")) {
    linger.l_onoff = 1;
  } else if (!equals_ignoring_case(text, "off")) {
    std::int64_t seconds = 0;
    if (!read_number(option, text, seconds, error)) return false;
    linger = {1, static_cast<int>(seconds)};
  }
  value = value_of_bytes(&linger, sizeof linger);
  return true;
}

bool parse_timeval(const Option& option, std::string_view text, Value& value, Text& error) {
  std::int64_t milliseconds = 0;
  if (!read_number(option, text, milliseconds, error)) return false;
  const KernelTimeval time = {static_cast<long>(milliseconds / 1000),
                              static_cast<long>(milliseconds % 1000 * 1000)};
  value = value_of_bytes(&time, sizeof time);
  return true;
}

bool parse_ports(const Option& option, std::string_view text, Value& value, Text& error) {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return wants(option, error);
  std::int64_t low = 0;
  std::int64_t high = 0;
  if (!read_number(option, slice(text, 0, dash), low, error) ||
      !read_number(option, slice(text, dash + 1), high, error)) {
    return false;
  }
  if (low > high) return wants(option, error);
  value = value_of_int(static_cast<int>(static_cast<std::uint32_t>(high << 16 | low)));
  return true;
}

bool parse_name(const Option& option, std::string_view text, Value& value, Text& error) {
  bool sound = !text.empty() && text.size() <= static_cast<std::size_t>(option.max);
  for (const char c : text) sound = sound && is_name_character(c);
  if (!sound) return wants(option, error);
  value = value_of_bytes(text.data(), text.size());
  return true;
}

bool parse_backlog(const Option& option, std::string_view text, Value& value, Text& error) {
  if (!equals_ignoring_case(text, "max")) return parse_int(option, text, value, error);
  value = value_of_int(static_cast<int>(option.max));
  return true;
}

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  c = to_lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool parse_raw(const Option& option, std::string_view text, Value& value, Text& error) {
  if (!text.starts_with("hex:")) return parse_int(option, text, value, error);
  const std::string_view digits = slice(text, 4);
  bool sound = !digits.empty() && digits.size() % 2 == 0 && digits.size() / 2 <= Value::kMaxBytes;
  Value read{};
  for (std::size_t i = 0; sound && i < digits.size(); i += 2) {
    const int high = hex_digit(digits[i]);
    const int low = hex_digit(digits[i + 1]);
    sound = high >= 0 && low >= 0;
    read.bytes[i / 2] = static_cast<unsigned char>(high * 16 + low);
  }
  if (!sound) return wants(option, error);
  value = value_of_bytes(read.bytes, digits.size() / 2);
  return true;
}

}  // namespace

std::int64_t Value::number(Kind kind) const {
  if (kind == Kind::kTimeval) {
    KernelTimeval time = {};
    if (size >= sizeof time) std::memcpy(&time, bytes, sizeof time);
    return std::int64_t{time.seconds} * 1000 + (time.microseconds + 999) / 1000;
  }
  if (size >= sizeof(std::int64_t)) {
    std::int64_t wide = 0;
    std::memcpy(&wide, bytes, sizeof wide);
    return wide;
  }
  if (size < sizeof(int)) return size == 0 ? 0 : bytes[0];
  std::uint32_t narrow = 0;
  std::memcpy(&narrow, bytes, sizeof narrow);
  if (kind == Kind::kMask || kind == Kind::kRate || kind == Kind::kPorts) return narrow;
  return static_cast<std::int32_t>(narrow);
}

bool Value::operator==(const Value& other) const {
  return size == other.size && std::memcmp(bytes, other.bytes, size) == 0;
}

Value value_of_bytes(const void* data, std::size_t size) {
  Value value{};
  value.size = static_cast<std::uint8_t>(size < Value::kMaxBytes ? size : Value::kMaxBytes);
  std::memcpy(value.bytes, data, value.size);
  return value;
}

Value value_of_int(int number) { return value_of_bytes(&number, sizeof number); }

bool means_default(std::string_view text) { return equals_ignoring_case(text, "default"); }

bool means_ignore(std::string_view text) { return equals_ignoring_case(text, "ignore"); }

bool parse_value(const Option& option, std::string_view text, Value& value, Text& error) {
  if (text.empty()) {
    error << "needs a value; ";
    return wants(option, error);
  }
  switch (option.kind) {
    case Kind::kBoolean:
      return parse_boolean(option, text, value, error);
    case Kind::kCount:
    case Kind::kMask:
    case Kind::kDuration:
    case Kind::kSize:
      return parse_int(option, text, value, error);
    case Kind::kRate:
      return parse_rate(option, text, value, error);
    case Kind::kTos:
      return parse_word_or_int(kTosNames, option, text, value, error);
    case Kind::kDiscover:
      return parse_word_or_int(kDiscoverNames, option, text, value, error);
    case Kind::kLinger:
      return parse_linger(option, text, value, error);
    case Kind::kTimeval:
      return parse_timeval(option, text, value, error);
    case Kind::kPorts:
      return parse_ports(option, text, value, error);
    case Kind::kName:
      return parse_name(option, text, value, error);
    case Kind::kBacklog:
      return parse_backlog(option, text, value, error);
    case Kind::kRaw:
      return parse_raw(option, text, value, error);
  }
  return false;
}

}  // namespace sockopt
