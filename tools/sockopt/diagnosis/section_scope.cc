// SPDX-License-Identifier: MIT
#include "tools/sockopt/diagnosis/section_scope.h"

#include <algorithm>
#include <vector>

#include "shim/options/suggestion.h"
#include "shim/text/text.h"

namespace sockopt {
namespace {

constexpr std::string_view kMatchKeys[] = {"program", "listen", "connect"};

struct Section {
  std::uint32_t line = 0;  // of its header; 0: before the first
  std::string_view text;   // what follows it
};

Section section_around(std::string_view text, std::uint32_t line) {
  Section section{0, text};
  std::uint32_t number = 0;
  while (!text.empty()) {
    ++number;
    const char* begin = text.data();
    const bool is_header = trim(take_line(text)).starts_with('[');
    if (!is_header) continue;
    if (number > line) {
      section.text = slice(section.text, 0, static_cast<std::size_t>(begin - section.text.data()));
      return section;
    }
    section = {number, text};
  }
  return section;
}

}  // namespace

bool SectionScope::concerns(std::string_view path, std::string_view text,
                            std::uint32_t line) const {
  const Section section = section_around(text, line);
  for (std::size_t i = 0; i < policy_.rule_count(); ++i) {
    const Rule& rule = policy_.rule(i);
    if (rule.line != section.line || rule.kind == Rule::Kind::kVariables) continue;
    if (policy_.path(rule.file) != path || rule.is_void()) continue;
    return policy_.matches_program(rule, program_);
  }
  return section.line == 0 || is_named_in(section.text);
}

bool SectionScope::demote(Finding& finding, std::string_view text, Level level) const {
  if (concerns(finding.place.file, text, finding.place.line)) return false;
  finding.level = level;
  finding.what += " (in a rule for other programs)";
  return true;
}

// Where no program is named, it may be meant for every one.
bool SectionScope::is_named_in(std::string_view section) const {
  bool names_some = false;
  while (!section.empty()) {
    const std::string_view line = take_line(section);
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    if (nearest(trim(slice(line, 0, equals)), kMatchKeys) != kMatchKeys[0]) continue;
    names_some = true;
    std::string_view rest = slice(line, equals + 1);
    while (!rest.empty()) {
      const std::size_t comma = rest.find(',');
      std::string_view name = trim(slice(rest, 0, comma));
      rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
      const bool excludes = name.starts_with('!');
      if (excludes) name = trim(slice(name, 1));
      if (!name.empty() && (excludes || program_.matches(name))) return true;
      // What cannot be read as a pattern, as far as it can.
      const std::size_t special = name.find('[');
      for (std::size_t i = 0; special != std::string_view::npos && i < program_.count(); ++i) {
        if (base_name(program_.path(i)).starts_with(slice(name, 0, special))) return true;
      }
    }
  }
  return !names_some;
}

}  // namespace sockopt
