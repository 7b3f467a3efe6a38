// SPDX-License-Identifier: MIT
#include "tools/systemd/unit_name.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <utility>

namespace sockopt {
namespace {

constexpr std::array<std::string_view, 11> kTypes = {"service", "socket",    "target", "device",
                                                     "mount",   "automount", "swap",   "timer",
                                                     "path",    "slice",     "scope"};
constexpr std::size_t kLongestName = 255;

bool is_type(std::string_view word) {
  return std::find(kTypes.begin(), kTypes.end(), word) != kTypes.end();
}

// Where the type's dot is; the name's size where it has none.
std::size_t dot_of(std::string_view name) { return std::min(name.rfind('.'), name.size()); }

// The name between the at sign and the dot.
std::size_t at_of(std::string_view name) { return std::min(name.find('@'), dot_of(name)); }

}  // namespace

std::string complete_unit_name(std::string_view typed) {
  std::string name(typed);
  if (!is_type(unit_type(typed))) name += ".service";
  return name;
}

bool is_unit_name(std::string_view name) {
  const std::string_view stem = name.substr(0, dot_of(name));
  const auto is_allowed = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view(":-_.\\@").find(c) != std::string_view::npos;
  };
  return name.size() <= kLongestName && is_type(unit_type(name)) && !stem.empty() &&
         stem.front() != '@' && std::all_of(stem.begin(), stem.end(), is_allowed);
}

std::string_view unit_type(std::string_view name) {
  return name.substr(std::min(dot_of(name) + 1, name.size()));
}

std::string_view unit_prefix(std::string_view name) { return name.substr(0, at_of(name)); }

std::string_view unit_instance(std::string_view name) {
  const std::size_t at = at_of(name);
  const std::size_t dot = dot_of(name);
  return at == dot ? std::string_view() : name.substr(at + 1, dot - at - 1);
}

bool is_unit_template(std::string_view name) {
  return at_of(name) != dot_of(name) && unit_instance(name).empty();
}

std::string unit_template(std::string_view name) {
  if (unit_instance(name).empty()) return {};
  return instantiate_unit(name, "");
}

std::string instantiate_unit(std::string_view unit_template, std::string_view instance) {
  std::string name(unit_prefix(unit_template));
  return name.append("@").append(instance).append(unit_template.substr(dot_of(unit_template)));
}

std::vector<std::string> drop_in_names(std::string_view name) {
  std::vector<std::string> names = {std::string(name)};
  if (std::string general = unit_template(name); !general.empty()) names.push_back(general);
  // From `a-b-c` to `a-b-`: behind the last dash, not counting those at the end.
  std::string_view prefix = unit_prefix(name);
  prefix = prefix.substr(0, prefix.find_last_not_of('-') + 1);
  const std::size_t dash = prefix.rfind('-');
  if (dash == std::string_view::npos) return names;
  std::string shorter(prefix.substr(0, dash + 1));
  shorter.append(name.substr(unit_prefix(name).size()));
  for (std::string& more : drop_in_names(shorter)) names.push_back(std::move(more));
  return names;
}

std::string unescape_unit_name(std::string_view escaped) {
  std::string text;
  for (std::size_t i = 0; i < escaped.size(); ++i) {
    unsigned byte = 0;
    const char* digits = escaped.data() + i + 2;
    if (escaped[i] == '-') {
      text += '/';
    } else if (escaped.substr(i).starts_with("\\x") && i + 4 <= escaped.size() &&
               std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
      text += static_cast<char>(byte);
      i += 3;
    } else {
      text += escaped[i];
    }
  }
  return text;
}

}  // namespace sockopt
