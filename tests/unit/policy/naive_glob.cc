// SPDX-License-Identifier: MIT
#include "tests/unit/policy/naive_glob.h"

#include <vector>

namespace sockopt::test {
namespace {

// `members` is what stands between the brackets.
bool is_member(std::string_view members, char c) {
  const bool negated = !members.empty() && (members[0] == '!' || members[0] == '^');
  if (negated) members.remove_prefix(1);
  bool member = false;
  while (!members.empty()) {
    if (members.size() >= 3 && members[1] == '-') {
      member = member || (members[0] <= c && c <= members[2]);
      members.remove_prefix(3);
    } else {
      member = member || members[0] == c;
      members.remove_prefix(1);
    }
  }
  return member != negated;
}

// The length of the bracket expression at the beginning; 0 if its end is missing.
std::size_t bracket_length(std::string_view pattern) {
  std::size_t first = 1;
  if (first < pattern.size() && (pattern[first] == '!' || pattern[first] == '^')) ++first;
  const std::size_t end = pattern.find(']', first + 1);
  return end == std::string_view::npos ? 0 : end + 1;
}

std::size_t element_length(std::string_view pattern) {
  const std::size_t length = pattern[0] == '[' ? bracket_length(pattern) : 1;
  return length == 0 ? 1 : length;
}

bool takes(std::string_view element, char c) {
  if (element.size() > 1) return is_member(element.substr(1, element.size() - 2), c);
  return element[0] == '?' || element[0] == c;
}

}  // namespace

bool is_closed_glob(std::string_view pattern) {
  while (!pattern.empty()) {
    if (pattern[0] == '[' && bracket_length(pattern) == 0) return false;
    pattern.remove_prefix(element_length(pattern));
  }
  return true;
}

// Element by element: how much of the text can lie behind it.
bool naive_glob_matches(std::string_view pattern, std::string_view text) {
  std::vector<bool> reached(text.size() + 1);
  reached[0] = true;
  while (!pattern.empty()) {
    const std::string_view element = pattern.substr(0, element_length(pattern));
    std::vector<bool> next(text.size() + 1);
    for (std::size_t i = 0; i <= text.size(); ++i) {
      if (element == "*") {
        next[i] = reached[i] || (i > 0 && next[i - 1]);
      } else {
        next[i] = i > 0 && reached[i - 1] && takes(element, text[i - 1]);
      }
    }
    reached = next;
    pattern.remove_prefix(element.size());
  }
  return reached[text.size()];
}

}  // namespace sockopt::test
