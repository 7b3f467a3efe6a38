// SPDX-License-Identifier: MIT
//
// A configuration file: every line that is not empty is held or reported, as a reader without inih
// finds; and the policy, written as a file again, is read as the same policy without a fault.
#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "naive_ini.h"
#include "oracle.h"
#include "shim/config/reader.h"
#include "shim/options/lookup.h"
#include "shim/policy/preset.h"
#include "tests/unit/policy/naive_address.h"
#include "tests/unit/policy/naive_glob.h"

namespace sockopt::fuzz {
namespace {

constexpr std::string_view kSource = "sockopt.ini";

struct Reading {
  Reading(std::string_view text, std::size_t place)
      : policy(fresh_policy(place)), faults(kSource, text) {
    read_configuration(text, kSource, policy, faults.sink());
  }
  Policy& policy;
  Faults faults;
};

std::string key_of(const Policy& policy, const Setting& setting) {
  return std::string(policy.option(setting.option).key.view());
}

// What one section came to, held against its lines.
class Section {
 public:
  Section(const Reading& reading, std::size_t rule)
      : reading_(reading), policy_(reading.policy), rule_(policy_.rule(rule)) {
    for (const Setting& setting : policy_) {
      if (setting.rule == rule) settings_.push_back(&setting);
    }
  }

  void take(const NaiveLine& entry, std::uint32_t line) {
    const bool is_base = rule_.kind == Rule::Kind::kBase;
    const std::size_t faults = reading_.faults.in_line(line);
    if (entry.key == "program" || entry.key == "listen" || entry.key == "connect") {
      if (is_base) SOCKOPT_HOLDS(faults == 1, entry.key);
      if (!is_base) take_list(entry, faults);
    } else if (entry.key == "preset") {
      take_preset(entry, line, faults);
    } else if (entry.key == "enforce") {
      SOCKOPT_HOLDS(faults == 1 || enforce_.empty(), entry.value);
      if (faults == 0) enforce_ = entry.value;
    } else if (entry.key == "log") {
      LogLevel level{};
      const bool sound = is_base && !has_log_ && parse_log_level(entry.value, level);
      SOCKOPT_HOLDS((faults == 0) == sound, entry.value);
      if (sound) SOCKOPT_HOLDS(policy_.log_level() == level, entry.value);
      has_log_ = has_log_ || sound;
    } else {
      take_option(entry, line, faults);
    }
  }

  void end() {
    SOCKOPT_HOLDS(next_ == settings_.size(), "a setting that no line asked for");
    SOCKOPT_HOLDS(rule_.enforces == (!enforce_.empty() && is_on(enforce_)), enforce_);
    must_be_the_lists();
  }

 private:
  static bool is_on(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), to_lower);
    return text == "on" || text == "yes" || text == "true" || text == "1";
  }

  // The settings of a section stand in the order of its lines.
  const Setting* next_of(std::uint32_t line) {
    if (next_ == settings_.size() || settings_[next_]->line != line) return nullptr;
    return settings_[next_++];
  }

  void take_option(const NaiveLine& entry, std::uint32_t line, std::size_t faults) {
    const Setting* setting = next_of(line);
    SOCKOPT_HOLDS((setting == nullptr) == (faults == 1) && faults <= 1,
                  entry.key + " = " + entry.value);
    if (setting == nullptr) return must_be_explained(entry, line);
    const std::string key = key_of(policy_, *setting);
    SOCKOPT_HOLDS(
        key == entry.key || (key.rfind("raw.", 0) == 0 && entry.key.rfind("raw.", 0) == 0),
        entry.key + " became " + key);
    SOCKOPT_HOLDS(set_.insert({key, line}).second, entry.key + " twice");
    SOCKOPT_HOLDS(setting->preset == 0, entry.key);
    if (setting->keeps_default) {
      SOCKOPT_HOLDS(setting->ignores ? means_ignore(entry.value) : means_default(entry.value),
                    entry.value);
      return;
    }
    Value value;
    TextOf<256> error;
    const Option& option = policy_.option(setting->option);
    SOCKOPT_HOLDS(parse_value(option, entry.value, value, error), entry.value);
    SOCKOPT_HOLDS(value == setting->value && !setting->keeps_default, entry.value);
    must_read_back(option, value);
  }

  static bool is_in_quotes(const std::string& value) {
    return value.size() >= 2 && value.front() == value.back() &&
           (value.front() == '"' || value.front() == '\'');
  }

  // The reason stands in the message, which must have had room for it.
  void must_be_explained(const NaiveLine& entry, std::uint32_t line) {
    const OptionId id = find_option(entry.key);
    if (id == kNoOption) return;
    Value value;
    TextOf<256> error;
    if (is_in_quotes(entry.value)) {
      error << "write it without quotes";
    } else if (means_default(entry.value) || parse_value(kOptions[id], entry.value, value, error)) {
      if (entry.key == "mptcp" && taken_back_ == 0) taken_back_ = line;
      return;
    }
    must_be_whole(error);
    if (entry.key == "mptcp" && taken_back_ != 0) {
      const std::string first = std::to_string(taken_back_);
      SOCKOPT_HOLDS(
          reading_.faults.tells("mptcp is already set in line " + first + "; this line is ignored"),
          entry.value);
      return;
    }
    SOCKOPT_HOLDS(set_.count(entry.key) != 0 || reading_.faults.tells(error.view()), entry.value);
  }

  void take_preset(const NaiveLine& entry, std::uint32_t line, std::size_t faults) {
    const Preset* preset = find_preset(entry.value);
    SOCKOPT_HOLDS(faults == (preset == nullptr || has_preset_ ? 1U : 0U), entry.value);
    if (faults != 0) return;
    has_preset_ = true;
    for (const PresetSetting& wanted : preset->settings()) {
      if (set_.count(std::string(wanted.key.view())) != 0) continue;
      const Setting* setting = next_of(line);
      SOCKOPT_HOLDS(setting != nullptr && setting->preset != 0, entry.value);
      SOCKOPT_HOLDS(key_of(policy_, *setting) == wanted.key.view(), entry.value);
    }
  }

  void take_list(const NaiveLine& entry, std::size_t faults) {
    std::size_t unsound = 0;
    for (const std::string& part : split(entry.value, ",")) {
      std::string item = stripped(part);
      const bool excludes = !item.empty() && item[0] == '!';
      if (excludes) item = stripped(item.substr(1));
      if (entry.key == "program") {
        const bool sound = !item.empty() && !is_in_quotes(item) && test::is_closed_glob(item);
        if (sound) globs_.push_back((excludes ? "!" : "") + item);
        unsound += sound ? 0 : 1;
      } else {
        std::optional<test::NaivePattern> pattern = test::naive_pattern(item);
        unsound += pattern ? 0 : 1;
        if (pattern) pattern->excludes = excludes;
        if (pattern) (entry.key == "listen" ? listens_ : connects_).push_back(*pattern);
      }
    }
    SOCKOPT_HOLDS(faults == unsound, entry.key + " = " + entry.value);
    SOCKOPT_HOLDS(unsound == 0 || rule_.is_void(), entry.value);
  }

  void must_be_the_lists() const {
    SOCKOPT_HOLDS(rule_.programs.count == globs_.size(), "patterns of programs");
    for (std::size_t i = 0; i < globs_.size(); ++i) {
      const ProgramPattern& held = policy_.programs()[rule_.programs.first + i];
      const std::string text = (held.excludes ? "!" : "") + std::string(policy_.glob(held));
      SOCKOPT_HOLDS(text == globs_[i], globs_[i] + " became " + text);
    }
    must_be_the_addresses(rule_.listens, listens_);
    must_be_the_addresses(rule_.connects, connects_);
  }

  void must_be_the_addresses(Range range, const std::vector<test::NaivePattern>& wanted) const {
    SOCKOPT_HOLDS(range.count == wanted.size(), "patterns of addresses");
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const AddressPattern& held = policy_.addresses()[range.first + i];
      SOCKOPT_HOLDS(held.excludes == wanted[i].excludes && held.family == wanted[i].family &&
                        held.first_port == wanted[i].first_port &&
                        held.last_port == wanted[i].last_port,
                    wanted[i].text);
      if (held.is_any_address()) continue;
      SOCKOPT_HOLDS(held.prefix == wanted[i].prefix &&
                        std::memcmp(held.bytes, wanted[i].bytes.data(), sizeof held.bytes) == 0,
                    wanted[i].text);
    }
  }

  const Reading& reading_;
  const Policy& policy_;
  const Rule& rule_;
  std::vector<const Setting*> settings_;
  std::size_t next_ = 0;
  std::map<std::string, std::uint32_t> set_;
  std::vector<std::string> globs_;
  std::vector<test::NaivePattern> listens_;
  std::vector<test::NaivePattern> connects_;
  std::string enforce_;
  bool has_log_ = false;
  bool has_preset_ = false;
  // The first sound `mptcp` of a rule with an address, which has no setting when the rule ends.
  std::uint32_t taken_back_ = 0;
};

// Goes through the file line by line, with the policy's rules beside it.
void nothing_may_be_lost(std::string_view text, const Reading& reading) {
  const std::vector<NaiveLine> lines = naive_lines(text);
  std::optional<Section> section;
  bool is_passed_over = false;
  std::size_t rule = 0;
  for (std::uint32_t number = 1; number <= lines.size(); ++number) {
    const NaiveLine& line = lines[number - 1];
    const std::size_t faults = reading.faults.in_line(number);
    const bool begins = line.kind == NaiveLine::Kind::kSection ||
                        (line.kind == NaiveLine::Kind::kUnreadable && line.is_section_like);
    if (begins) {
      if (section) section->end();
      section.reset();
      is_passed_over = true;
    }
    if (line.kind == NaiveLine::Kind::kNothing) {
      SOCKOPT_HOLDS(faults == 0, reading.faults.shown());
    } else if (line.kind == NaiveLine::Kind::kUnreadable) {
      SOCKOPT_HOLDS(faults == 1, std::to_string(number));
    } else if (line.kind == NaiveLine::Kind::kSection) {
      if (rule < reading.policy.rule_count() && reading.policy.rule(rule).line == number) {
        section.emplace(reading, rule++);
        is_passed_over = false;
      } else {
        SOCKOPT_HOLDS(faults == 1, line.key);
      }
    } else if (section) {
      section->take(line, number);
    } else {
      SOCKOPT_HOLDS(faults == (is_passed_over ? 0U : 1U), line.key);
    }
  }
  if (section) section->end();
  SOCKOPT_HOLDS(rule == reading.policy.rule_count(), "a rule that no line began");
}

// The settings that count, as `key=value` lines: of two for an option the later one.
std::map<std::string, std::string> effective(const Policy& policy, std::size_t rule) {
  std::map<std::string, std::string> lines;
  for (const Setting& setting : policy) {
    if (setting.rule != rule) continue;
    TextOf<200> value;
    policy.describe_value(setting, value);
    lines[key_of(policy, setting)] = std::string(value.view());
  }
  return lines;
}

std::string address_text(const AddressPattern& pattern) {
  TextOf<100> text;
  if (pattern.excludes) text << '!';
  if (pattern.is_any_address()) {
    text << '*';
  } else {
    Address address;
    address.family = pattern.family;
    std::memcpy(address.bytes, pattern.bytes, sizeof address.bytes);
    format_address(address, text);
    (text << '/').decimal(pattern.prefix);
  }
  (text << ':').decimal(pattern.first_port) << '-';
  text.decimal(pattern.last_port);
  return std::string(text.view());
}

// One rule as the lines of a file, without a space that could make a line longer than it was.
std::string rule_text(const Policy& policy, std::size_t index) {
  const Rule& rule = policy.rule(index);
  std::string text = rule.kind == Rule::Kind::kBase
                         ? "[sockopt]\n"
                         : "[rule " + std::string(policy.name(rule)) + "]\n";
  if (rule.kind == Rule::Kind::kBase && policy.log_level() != LogLevel::kWarn) {
    text += "log=" + std::string(log_level_name(policy.log_level())) + "\n";
  }
  if (rule.enforces) text += "enforce=yes\n";
  for (std::size_t i = 0; i < rule.programs.count; ++i) {
    const ProgramPattern& pattern = policy.programs()[rule.programs.first + i];
    text += std::string("program=") + (pattern.excludes ? "!" : "") +
            std::string(policy.glob(pattern)) + "\n";
  }
  for (std::size_t i = 0; i < rule.listens.count; ++i) {
    text += "listen=" + address_text(policy.addresses()[rule.listens.first + i]) + "\n";
  }
  for (std::size_t i = 0; i < rule.connects.count; ++i) {
    text += "connect=" + address_text(policy.addresses()[rule.connects.first + i]) + "\n";
  }
  for (const auto& [key, value] : effective(policy, index)) text += key + "=" + value + "\n";
  return text;
}

// All rules that match anything.
std::string policy_text(const Policy& policy) {
  std::string text;
  for (std::size_t i = 0; i < policy.rule_count(); ++i) {
    if (!policy.rule(i).is_void()) text += rule_text(policy, i);
  }
  return text;
}

}  // namespace
}  // namespace sockopt::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sockopt::fuzz;
  const std::string_view text = input(data, size);
  const Reading reading(text, 0);
  nothing_may_be_lost(text, reading);

  const std::string written = policy_text(reading.policy);
  const Reading again(written, 1);
  SOCKOPT_HOLDS(again.faults.count() == 0, written + again.faults.shown());
  SOCKOPT_HOLDS(policy_text(again.policy) == written, written);
  return 0;
}
