// SPDX-License-Identifier: MIT
#include "shim/config/section_reader.h"

#include <cstring>

#include "shim/config/assignment.h"
#include "shim/config/section_text.h"
#include "shim/policy/glob.h"

namespace sockopt {

void SectionReader::begin(const IniText& header, std::uint32_t line) {
  header_ = header;
  line_ = line;
  enforce_line_ = 0;
  std::memset(set_at_, 0, sizeof set_at_);
}

void SectionReader::set_enforce(const Entry& entry) {
  if (is_repeated(entry, enforce_line_)) return;
  bool enforces = false;
  TextOf<96> reason;
  if (!parse_boolean(entry.value.text, enforces, reason)) {
    return report_value(entry, reason.view());
  }
  policy_.current_rule().enforces = enforces;
  enforce_line_ = entry.line;
}

void SectionReader::add_program(const Entry& entry, const IniText& pattern, bool excludes) {
  if (!is_sound_glob(pattern.text)) {
    void_rule(entry, pattern, "`[` without a `]`");
  } else if (!policy_.add_program(pattern.text, excludes)) {
    void_rule(entry, pattern, "too many patterns");
  }
}

bool SectionReader::next_pattern(std::string_view& rest, std::string_view& item, bool& excludes) {
  const std::size_t comma = rest.find(',');
  const bool more = comma != std::string_view::npos;
  item = trim(slice(rest, 0, comma));
  rest = slice(rest, more ? comma + 1 : rest.size());
  excludes = item.starts_with('!');
  if (excludes) item = trim(slice(item, 1));
  return more;
}

std::string_view SectionReader::lost_key(std::string_view line, std::string_view continued) {
  if (!line.empty() && is_space(line.front())) return continued;
  line = trim(line);
  std::size_t end = 0;
  while (end < line.size() && line[end] != '=' && line[end] != ':' && !is_space(line[end])) ++end;
  return slice(line, 0, end);
}

bool SectionReader::is_repeated(const Entry& entry, std::uint32_t first_line) {
  if (first_line == 0) return false;
  TextOf<128> message;
  message << entry.key.text << " is already set in line ";
  message.unsigned_decimal(first_line) << "; this line is ignored";
  report(entry.key, entry.line, message.view());
  return true;
}

void SectionReader::void_rule(const IniText& where, std::uint32_t line, std::string_view reason) {
  policy_.current_rule().state = Rule::State::kFaulty;
  TextOf<400> message;
  message << reason << "; the rule is ignored";
  report(where, line, message.view());
}

void SectionReader::void_rule(const Entry& entry, const IniText& pattern, std::string_view reason) {
  TextOf<320> message;
  quote_entry(entry.key.text, pattern.text, message);
  message << reason;
  void_rule(pattern, entry.line, message.view());
}

void SectionReader::void_rule_for(std::uint32_t lost_line) {
  TextOf<96> reason;
  reason << "line ";
  reason.unsigned_decimal(lost_line) << " may be a condition of this rule";
  void_rule(header_, line_, reason.view());
}

void SectionReader::report_value(const Entry& entry, std::string_view reason) {
  TextOf<400> message;
  quote_entry(entry.key.text, entry.value.text, message);
  message << reason;
  report(entry.value.text.empty() ? entry.key : entry.value, entry.line, message.view());
}

void SectionReader::report_to(FaultSink faults, const IniText& where, std::uint32_t line,
                              std::string_view message) {
  faults({source_, line, where.column, static_cast<std::uint32_t>(where.text.size()), message});
}

}  // namespace sockopt
