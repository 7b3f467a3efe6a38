// SPDX-License-Identifier: MIT
#include "shim/config/section.h"

#include <cstring>

#include "shim/config/assignment.h"
#include "shim/config/section_text.h"
#include "shim/options/lookup.h"
#include "shim/options/suggestion.h"
#include "shim/policy/glob.h"
#include "shim/policy/preset.h"

namespace sockopt {
namespace {

// In the order of Section::Keyword.
constexpr FixedText<8> kKeywords[] = {"program", "listen",  "connect", "zmq",
                                      "preset",  "enforce", "log"};

}  // namespace

void Section::begin(const IniText& header, std::uint32_t line) {
  header_ = header;
  line_ = line;
  has_match_key_ = false;
  preset_line_ = 0;
  enforce_line_ = 0;
  std::memset(set_at_, 0, sizeof set_at_);
}

bool Section::set(const IniText& key, const IniText& value, std::uint32_t line) {
  const Entry entry = {key, value, line};
  const Keyword keyword = find_keyword(key.text);
  if (keyword == Keyword::kNone) {
    set_option(entry);
  } else if (!is_condition(keyword) || !is_base()) {
    if (keyword == Keyword::kZmq) {
      policy_.current_rule().is_void = policy_.current_rule().is_for_zmq = true;
      return false;
    }
    set_keyword(keyword, entry);
  } else {
    TextOf<256> message;
    message.quoted(key.text) << " belongs in a `[rule NAME]`; `[sockopt]` is for every socket";
    report(key, line, message);
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
  const bool continues = !text.empty() && is_space(text.front());
  text = trim(text);
  std::size_t end = 0;
  while (end < text.size() && text[end] != '=' && text[end] != ':' && !is_space(text[end])) ++end;
  // An indented line may have been meant to continue a list of patterns.
  lose_condition(continues ? std::string_view("listen") : slice(text, 0, end), line);
}

// A rule that lost a condition would match more than was meant, so it matches nothing.
void Section::lose_condition(std::string_view key, std::uint32_t line) {
  if (is_base() || policy_.current_rule().is_void) return;
  if (!is_condition(nearest_keyword(key))) return;
  has_match_key_ = true;
  TextOf<96> reason;
  reason << "line ";
  reason.unsigned_decimal(line) << " may be a condition of this rule";
  void_rule(header_, line_, reason.view());
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
    report(entry.key, entry.line, message);
    return lose_condition(entry.key.text, entry.line);
  }
  if (set_at_[option] != 0) {
    message << entry.key.text << " is already set in line ";
    message.unsigned_decimal(set_at_[option]) << "; this line is ignored";
    return report(entry.key, entry.line, message);
  }
  if (!assign(policy_, option, entry.value.text, entry.line, 0, message)) {
    return report_value(entry, message.view());
  }
  set_at_[option] = entry.line;
}

void Section::add_program(const Entry& entry, const IniText& pattern, bool excludes) {
  if (!is_sound_glob(pattern.text)) {
    void_rule(entry, pattern, "`[` without a `]`");
  } else if (!policy_.add_program(pattern.text, excludes)) {
    void_rule(entry, pattern, "too many patterns");
  }
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

// Splits a list at its commas; `!` in front of a pattern excludes.
void Section::add_patterns(Keyword keyword, const Entry& entry) {
  has_match_key_ = true;
  std::string_view rest = entry.value.text;
  for (bool more = true; more;) {
    const std::size_t comma = rest.find(',');
    more = comma != std::string_view::npos;
    std::string_view item = trim(slice(rest, 0, comma));
    rest = slice(rest, more ? comma + 1 : rest.size());
    const bool excludes = item.starts_with('!');
    if (excludes) item = trim(slice(item, 1));
    if (item.empty()) {
      void_rule(entry, entry.value, "an empty pattern");
      continue;
    }
    const auto offset = static_cast<std::uint32_t>(item.data() - entry.value.text.data());
    const IniText pattern = {item, entry.value.column + offset};
    if (is_quoted(item)) {
      void_rule(entry, pattern, "write it without quotes");
      continue;
    }
    if (keyword == Keyword::kProgram) {
      add_program(entry, pattern, excludes);
    } else {
      add_address(entry, pattern, excludes,
                  keyword == Keyword::kListen ? &Rule::listens : &Rule::connects);
    }
  }
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
      return report(entry.value, entry.line, message);
    }
  }
}

void Section::set_enforce(const Entry& entry) {
  if (is_repeated(entry, enforce_line_)) return;
  bool enforces = false;
  TextOf<96> reason;
  if (!parse_boolean(entry.value.text, enforces, reason)) {
    return report_value(entry, reason.view());
  }
  policy_.current_rule().enforces = enforces;
  enforce_line_ = entry.line;
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

// Whether the key was already in this section, and was understood.
bool Section::is_repeated(const Entry& entry, std::uint32_t first_line) {
  if (first_line == 0) return false;
  TextOf<128> message;
  message << entry.key.text << " is already set in line ";
  message.unsigned_decimal(first_line) << "; this line is ignored";
  report(entry.key, entry.line, message);
  return true;
}

// A rule with a condition that is not understood must not match more than was meant, so it matches
// nothing.
void Section::void_rule(const IniText& where, std::uint32_t line, std::string_view reason) {
  policy_.current_rule().is_void = true;
  TextOf<400> message;
  message << reason << "; the rule is ignored";
  report(where, line, message);
}

void Section::void_rule(const Entry& entry, const IniText& pattern, std::string_view reason) {
  TextOf<320> message;
  quote_entry(entry.key.text, pattern.text, message);
  message << reason;
  void_rule(pattern, entry.line, message.view());
}

void Section::report(const IniText& where, std::uint32_t line, const Text& message) {
  faults_(
      {source_, line, where.column, static_cast<std::uint32_t>(where.text.size()), message.view()});
}

void Section::report_value(const Entry& entry, std::string_view reason) {
  TextOf<400> message;
  quote_entry(entry.key.text, entry.value.text, message);
  message << reason;
  report(entry.value.text.empty() ? entry.key : entry.value, entry.line, message);
}

}  // namespace sockopt
