// SPDX-License-Identifier: MIT
//
// Arguments of -o, each ended by NUL: each is taken or reported, a number means what it says, and
// what is taken means the same to the library as the variable that it is handed on as.
#include <algorithm>
#include <optional>

#include "oracle.h"
#include "shim/config/environment.h"
#include "shim/options/lookup.h"
#include "tools/sockopt/policy/overrides.h"

namespace sockopt::fuzz {
namespace {

using Wide = __int128;

// A number with its suffix in `unit`s; nothing where it is no such thing.
std::optional<Wide> naive_number(std::string text, Unit unit, bool is_time) {
  struct Suffix {
    std::string_view text;
    Wide factor;
  };
  static constexpr Suffix kTimes[] = {
      {"us", 1}, {"ms", 1000}, {"s", 1000000}, {"m", 60000000}, {"h", 3600000000}};
  static constexpr Suffix kSizes[] = {{"k", 1 << 10}, {"m", 1 << 20}, {"g", 1 << 30}, {"", 1}};
  for (char& c : text) c = to_lower(c);
  const bool negative = !text.empty() && text[0] == '-';
  if (negative) text.erase(0, 1);
  const bool hex = text.size() > 2 && text.rfind("0x", 0) == 0;
  const char* digits = hex ? "0123456789abcdef" : "0123456789";
  if (hex) text.erase(0, 2);
  const std::string suffix = text.substr(std::min(text.find_first_not_of(digits), text.size()));
  text.resize(text.size() - suffix.size());
  if (text.empty() || text.size() > 15) return std::nullopt;
  Wide number = std::stoll(text, nullptr, hex ? 16 : 10);
  if (negative) number = -number;
  const Wide own = unit == Unit::kSeconds ? 1000000 : unit == Unit::kMilliseconds ? 1000 : 1;
  if (is_time && suffix.empty() && unit == Unit::kSeconds) return number;
  for (const Suffix& known : kTimes) {
    if (!is_time || suffix != known.text) continue;
    if (number * known.factor % own != 0) return std::nullopt;
    return number * known.factor / own;
  }
  for (const Suffix& known : kSizes) {
    if (!is_time && suffix == known.text) return number * known.factor;
  }
  return std::nullopt;
}

// Only for kinds that are plain numbers, and texts of no more digits than a long long has.
void must_be_the_number(const Option& option, const std::string& text,
                        const std::optional<Value>& value) {
  const bool is_time = option.kind == Kind::kDuration;
  const bool is_size = option.kind == Kind::kSize || option.kind == Kind::kRate;
  if (text.size() > 15 || (!is_time && !is_size && option.kind != Kind::kCount)) return;
  std::optional<Wide> number = naive_number(text, option.unit, is_time);
  // No suffix where none is due.
  if (option.kind == Kind::kCount && !text.empty() && text.find_first_of("kKmMgG") != text.npos) {
    number.reset();
  }
  if (number && (*number < option.min || *number > option.max)) number.reset();
  SOCKOPT_HOLDS(value.has_value() == number.has_value(), text);
  if (value) SOCKOPT_HOLDS(value->number(option.kind) == *number, text);
}

void test_number(const std::string& argument) {
  const std::size_t equals = argument.find('=');
  const OptionId id = find_option(argument.substr(0, equals));
  if (equals == argument.npos || id == kNoOption) return;
  const std::string text = argument.substr(equals + 1);
  if (means_default(text)) return;
  Value value;
  TextOf<256> error;
  const bool sound = parse_value(kOptions[id], text, value, error);
  if (!sound) must_be_whole(error);
  must_be_the_number(kOptions[id], text, sound ? std::optional(value) : std::nullopt);
}

void test_overrides(const std::vector<std::string>& arguments) {
  Findings faults;
  const std::vector<Override> overrides = read_overrides(arguments, faults);
  SOCKOPT_HOLDS(overrides.size() + faults.size() == arguments.size(), faults.front().what);
  for (const Finding& fault : faults) {
    must_be_printable(fault.what, 700);
    SOCKOPT_HOLDS(fault.what.rfind("-o ", 0) == 0, fault.what);
  }
  std::vector<std::string> entries;
  for (const Override& one : overrides) entries.push_back(one.variable + "=" + one.value);
  std::vector<const char*> pointers;
  for (const std::string& entry : entries) pointers.push_back(entry.c_str());
  pointers.push_back(nullptr);

  Policy& policy = fresh_policy();
  Faults none("environment");
  read_environment(pointers.data(), policy, none.sink());
  SOCKOPT_HOLDS(none.count() == 0, none.shown());
  std::size_t settings = overrides.size();
  for (const Override& one : overrides) settings -= one.variable == "SOCKOPT_LOG" ? 1 : 0;
  SOCKOPT_HOLDS(static_cast<std::size_t>(policy.end() - policy.begin()) == settings,
                entries.front());
  for (const Setting& setting : policy) {
    if (!setting.keeps_default) must_read_back(policy.option(setting.option), setting.value);
  }
  for (const std::string& argument : arguments) test_number(argument);
}

}  // namespace
}  // namespace sockopt::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sockopt::fuzz;
  test_overrides(split(input(data, size), std::string_view("\0", 1)));
  return 0;
}
