// SPDX-License-Identifier: MIT
#include "tools/systemd/system_call_filter.h"

#include <algorithm>
#include <array>
#include <set>

namespace sockopt {
namespace {

constexpr std::array<std::string_view, 2> kCalls = {"getsockopt", "setsockopt"};
// The groups of systemd.exec(5) that hold them.
constexpr std::array<std::string_view, 3> kGroups = {"@network-io", "@system-service", "@known"};

bool is_group_with_calls(std::string_view name) {
  return std::find(kGroups.begin(), kGroups.end(), name) != kGroups.end();
}

// The calls of ours that a word names; `:EPERM` behind it is another answer to the same call.
std::vector<std::string_view> named(std::string_view word) {
  const std::string_view name = word.substr(0, word.find(':'));
  std::vector<std::string_view> calls;
  for (const std::string_view call : kCalls) {
    if (name == call || is_group_with_calls(name)) calls.push_back(call);
  }
  return calls;
}

}  // namespace

CallVerdict socket_option_calls(const UnitSettings& settings) {
  const std::vector<UnitValue> values = settings.list("Service", "SystemCallFilter");
  if (values.empty()) return CallVerdict::kAllowed;
  // The first line decides which kind of list it is; later ones add to it or take from it.
  const bool lists_allowed = !values.front().text.starts_with('~');
  std::set<std::string_view> listed;
  bool refuses = false;
  for (const UnitValue& value : values) {
    const bool inverted = value.text.starts_with('~');
    for (const std::string& word : split_unit_words(value.text.substr(inverted ? 1 : 0))) {
      for (const std::string_view call : named(word)) {
        if (inverted != lists_allowed) {
          listed.insert(call);
          refuses = refuses || (inverted && word.find(':') != std::string::npos);
        } else {
          listed.erase(call);
        }
      }
    }
  }
  const bool allowed = lists_allowed ? listed.size() == kCalls.size() : listed.empty();
  if (allowed) return CallVerdict::kAllowed;
  const std::string answer = settings.last("Service", "SystemCallErrorNumber").text;
  refuses = refuses || (!answer.empty() && answer != "kill");
  return refuses ? CallVerdict::kRefused : CallVerdict::kKilled;
}

}  // namespace sockopt
