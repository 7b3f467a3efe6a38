// SPDX-License-Identifier: MIT
//
// See launch_environment.h.
#include "tools/sockopt/launch_environment.h"

#include <algorithm>

#include "shim/config/environment.h"

namespace sockopt {

LaunchEnvironment::LaunchEnvironment(const char* const* environment) {
  for (; environment != nullptr && *environment != nullptr; ++environment) {
    entries_.emplace_back(*environment);
  }
}

void LaunchEnvironment::set(std::string_view name, std::string_view value) {
  std::string entry = std::string(name) + '=';
  std::erase_if(entries_, [&](const std::string& other) { return other.starts_with(entry); });
  entries_.push_back(entry.append(value));
}

void LaunchEnvironment::preload(std::string_view library) {
  std::string value(library);
  const std::string before(get_variable(pointers(), "LD_PRELOAD"));
  std::string_view rest = before;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find_first_of(": "), rest.size());
    const std::string_view entry = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (entry.empty() || names_library(entry, library)) continue;
    value.append(":").append(entry);
  }
  set("LD_PRELOAD", value);
}

const char* const* LaunchEnvironment::pointers() {
  pointers_.clear();
  for (const std::string& entry : entries_) pointers_.push_back(entry.c_str());
  pointers_.push_back(nullptr);
  return pointers_.data();
}

}  // namespace sockopt
