// SPDX-License-Identifier: MIT
#include "tools/sockopt/live/applied_values.h"

#include <fcntl.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "tools/inspect/option_reading.h"
#include "tools/inspect/read_small_file.h"
#include "tools/sockopt/live/history_file.h"

namespace sockopt {
namespace {

using Json = nlohmann::ordered_json;

// What was given in one entry, where it is of the kind that we write.
std::map<std::string, std::string, std::less<>> values_of(const Json& entry) {
  std::map<std::string, std::string, std::less<>> values;
  if (!entry.contains("values") || !entry["values"].is_object()) return values;
  for (const auto& [key, value] : entry["values"].items()) {
    if (value.is_string()) values.emplace(key, value.get<std::string>());
  }
  return values;
}

}  // namespace

AppliedValues::AppliedValues() {
  for (const std::string& path : history_paths()) {
    read(path + ".old");
    read(path);
  }
}

void AppliedValues::read(const std::string& path) {
  const auto text = read_small_file(AT_FDCWD, path);
  if (!text) return;
  const std::string boot = boot_id();
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) {
    const Json entry = Json::parse(line, nullptr, false);
    if (!entry.is_object() || !entry.contains("boot") || !entry.contains("set")) continue;
    if (entry["boot"] != boot || !entry["set"].is_array()) continue;
    for (const Json& one : entry["set"]) {
      if (!one.is_object() || !one.contains("sockets") || !one["sockets"].is_array()) continue;
      for (const Json& ranges : one["sockets"]) {
        if (!ranges.is_string()) continue;
        auto sockets = CookieRanges::parse(ranges.get<std::string>());
        if (sockets) entries_.push_back({std::move(*sockets), values_of(one)});
      }
    }
  }
}

bool AppliedValues::concern(std::uint64_t cookie) const {
  return cookie != 0 && std::any_of(entries_.begin(), entries_.end(),
                                    [&](const Entry& one) { return one.sockets.contain(cookie); });
}

bool AppliedValues::contain(std::uint64_t cookie, const Option& option,
                            const OptionReading& held) const {
  if (cookie == 0 || !held) return false;
  // The latest counts.
  for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
    const auto value = entry->values.find(option.key.view());
    if (value == entry->values.end() || !entry->sockets.contain(cookie)) continue;
    return value->second == held_value_text(option, held.value);
  }
  return false;
}

Json applied_json(const ChangeLog& log) {
  Json all = Json::array();
  for (const ChangeGroup& group : log.groups()) {
    Json values = Json::object();
    for (const OptionChange& change : group.changes) {
      if (change.outcome != Outcome::kChanged || !change.after) continue;
      const Option& option = group.policy->option(change.option);
      values[std::string(option.key.view())] = held_value_text(option, change.after.value);
    }
    if (values.empty()) continue;
    std::vector<std::uint64_t> cookies;
    for (const ChangedSocket& socket : group.sockets) cookies.push_back(socket.cookie);
    all.push_back({{"sockets", CookieRanges(cookies).texts()}, {"values", std::move(values)}});
  }
  return all;
}

}  // namespace sockopt
