// SPDX-License-Identifier: MIT
#include "shim/config/section.h"

#include "shim/config/assignment.h"
#include "shim/options/lookup.h"
#include "shim/options/suggestion.h"
#include "shim/policy/preset.h"

namespace sockopt {
namespace {

// In the order of Section::Keyword.
constexpr FixedText<8> kKeywords[] = {"program", "listen",  "connect", "zmq",
                                      "preset",  "enforce", "log"};

}  // namespace

void Section::begin(const IniText& header, std::uint32_t line) {
  SectionReader::begin(header, line);
  has_match_key_ = false;
  preset_line_ = 0;
}

bool Section::set(const IniText& key, const IniText& value, std::uint32_t line) {
  const Entry entry = {key, value, line};
  const Keyword keyword = find_keyword(key.text);
  if (keyword == Keyword::kNone) {
    set_option(entry);
  } else if (!is_condition(keyword) || !is_base()) {
    if (keyword == Keyword::kZmq) {
      policy_.current_rule().state = Rule::State::kForZmq;
      return false;
    }
    set_keyword(keyword, entry);
  } else {
    TextOf<256> message;
    message.quoted(key.text) << " belongs in a `[rule NAME]`; `[sockopt]` is for every socket";
    report(key, line, message.view());
  }
  return true;
}

void Section::end() {
  Rule& rule = policy_.current_rule();
  if (rule.kind != Rule::Kind::kRule) return;
  if (!has_match_key_) {
    void_rule(header_, line_,
              "a rule needs `program`, `listen` or `connect`; use `[sockopt]` for every socket");
  } else if (rule.listens.count != 0 && rule.connects.count != 0) {
    void_rule(header_, line_,
              "a rule cannot have both `listen` and `connect`: no socket does both");
  }
  if (rule.has_address()) drop_undecidable();
}

// What is decided as a socket is opened, when it has no address yet.
void Section::drop_undecidable() {
  for (const OptionId id : options_at(kInSocket)) {
    if (set_at_[id] == 0) continue;
    TextOf<200> message;
    message << kOptions[id].key
            << " is decided as a socket is opened, before any address is known; it stands in "
               "`[sockopt]` or in a rule with `program` alone";
    faults_({source_, set_at_[id], 0, 0, message.view()});
    policy_.drop(id);
  }
}

void Section::lose(std::string_view text, std::uint32_t line) {
  lose_condition(lost_key(text, "listen"), line);
}

// A rule that lost a condition would match more than was meant, so it matches nothing.
void Section::lose_condition(std::string_view key, std::uint32_t line) {
  if (is_base() || policy_.current_rule().is_void()) return;
  if (!is_condition(nearest_keyword(key))) return;
  has_match_key_ = true;
  void_rule_for(line);
}

Section::Keyword Section::find_keyword(std::string_view key) {
  std::size_t index = 0;
  while (index < std::size(kKeywords) && !(kKeywords[index] == key)) ++index;
  return static_cast<Keyword>(index);
}

std::string_view Section::name_of(Keyword keyword) {
  return kKeywords[static_cast<std::size_t>(keyword)];
}

// The keyword that was probably meant.
Section::Keyword Section::nearest_keyword(std::string_view key) {
  TextOf<48> lower;
  for (const char c : key) lower << to_lower(c);
  return find_keyword(nearest(lower.view(), kKeywords));
}

void Section::set_keyword(Keyword keyword, const Entry& entry) {
  if (is_condition(keyword)) {
    add_patterns(keyword, entry);
  } else if (keyword == Keyword::kPreset) {
    set_preset(entry);
  } else if (keyword == Keyword::kEnforce) {
    set_enforce(entry);
  } else {
    set_log(entry);
  }
}

void Section::set_option(const Entry& entry) {
  TextOf<256> message;
  const bool is_shown = faults_.is_shown();
  const OptionId option = resolve_key(policy_, entry.key.text, message, is_shown);
  if (option == kNoOption) {
    const Keyword meant = is_shown ? nearest_keyword(entry.key.text) : Keyword::kNone;
    if (meant != Keyword::kNone) {
      message.clear();
      message << "unknown key ";
      message.quoted(entry.key.text) << "; did you mean `" << name_of(meant) << "`?";
    }
    report(entry.key, entry.line, message.view());
    return lose_condition(entry.key.text, entry.line);
  }
  if (is_repeated(entry, set_at_[option])) return;
  if (!assign(policy_, option, entry.value.text, entry.line, 0, message)) {
    return report_value(entry, message.view());
  }
  set_at_[option] = entry.line;
}

void Section::add_address(const Entry& entry, const IniText& text, bool excludes,
                          Range Rule::*list) {
  TextOf<256> error;
  AddressPattern pattern{};
  const bool sound = parse_address_pattern(text.text, pattern, error);
  pattern.excludes = excludes;
  if (!sound) {
    void_rule(entry, text, error.view());
  } else if (!policy_.add_address(list, pattern)) {
    void_rule(entry, text, "too many patterns");
  }
}

void Section::add_patterns(Keyword keyword, const Entry& entry) {
  has_match_key_ = true;
  for_each_pattern(entry, [&](const IniText& pattern, bool excludes) {
    if (keyword == Keyword::kProgram) {
      add_program(entry, pattern, excludes);
    } else {
      add_address(entry, pattern, excludes,
                  keyword == Keyword::kListen ? &Rule::listens : &Rule::connects);
    }
  });
}

// The section's own settings win over the preset's: those above its line are left alone, those
// below are added later.
void Section::set_preset(const Entry& entry) {
  if (is_repeated(entry, preset_line_)) return;
  const Preset* preset = find_preset(entry.value.text);
  if (preset == nullptr) {
    TextOf<96> reason;
    reason << "takes " << kPresetNames;
    return report_value(entry, reason.view());
  }
  preset_line_ = entry.line;
  for (const PresetSetting& setting : preset->settings()) {
    const OptionId option = find_option(setting.key);
    TextOf<256> message;
    if (set_at_[option] == 0 &&
        !assign(policy_, option, setting.value, entry.line, preset_number(*preset), message)) {
      return report(entry.value, entry.line, message.view());
    }
  }
}

void Section::set_log(const Entry& entry) {
  if (!is_base()) return report_value(entry, "allowed in `[sockopt]` only");
  if (is_repeated(entry, log_line_)) return;
  LogLevel level{};
  if (!parse_log_level(entry.value.text, level)) {
    TextOf<96> reason;
    reason << "takes " << kLogLevels;
    return report_value(entry, reason.view());
  }
  policy_.set_log_level(level);
  log_line_ = entry.line;
}

}  // namespace sockopt
