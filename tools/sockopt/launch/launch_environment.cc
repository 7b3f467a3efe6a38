// SPDX-License-Identifier: MIT
#include "tools/sockopt/launch/launch_environment.h"

#include <algorithm>

#include "shim/config/environment.h"
#include "tools/sockopt/launch/preload_list.h"

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
  const std::string before(get_variable(pointers(), "LD_PRELOAD"));
  set("LD_PRELOAD", preload_with(library, before));
}

const char* const* LaunchEnvironment::pointers() {
  pointers_.clear();
  for (const std::string& entry : entries_) pointers_.push_back(entry.c_str());
  pointers_.push_back(nullptr);
  return pointers_.data();
}

}  // namespace sockopt
