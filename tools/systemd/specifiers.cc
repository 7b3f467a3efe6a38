// SPDX-License-Identifier: MIT
#include "tools/systemd/specifiers.h"

#include <algorithm>

#include "tools/systemd/unit_name.h"

namespace sockopt {
namespace {

std::string_view last_part(std::string_view prefix) {
  return prefix.substr(prefix.rfind('-') + 1);  // npos + 1 is 0
}

std::optional<std::string> expand(char specifier, std::string_view unit) {
  const std::string_view prefix = unit_prefix(unit);
  const std::string_view instance = unit_instance(unit);
  switch (specifier) {
    case '%':
      return "%";
    case 'n':
      return std::string(unit);
    case 'N':
      return std::string(unit.substr(0, unit.rfind('.')));
    case 'p':
      return std::string(prefix);
    case 'P':
      return unescape_unit_name(prefix);
    case 'i':
      return std::string(instance);
    case 'I':
      return unescape_unit_name(instance);
    case 'j':
      return std::string(last_part(prefix));
    case 'J':
      return unescape_unit_name(last_part(prefix));
    case 'f':
      return "/" + unescape_unit_name(instance.empty() ? prefix : instance);
    case 't':
      return "/run";
    case 'S':
      return "/var/lib";
    case 'C':
      return "/var/cache";
    case 'L':
      return "/var/log";
    case 'E':
      return "/etc";
    case 'T':
      return "/tmp";
    case 'V':
      return "/var/tmp";
    case 'h':
      return "/root";
    case 'u':
    case 'g':
      return "root";
    case 'U':
    case 'G':
      return "0";
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<std::string> expand_specifiers(std::string_view text, std::string_view unit) {
  std::string expanded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%' || i + 1 == text.size()) {
      expanded += text[i];
      continue;
    }
    const auto value = expand(text[++i], unit);
    if (!value) return std::nullopt;
    expanded += *value;
  }
  return expanded;
}

}  // namespace sockopt
