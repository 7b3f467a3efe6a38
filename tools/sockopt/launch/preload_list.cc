// SPDX-License-Identifier: MIT
//
// See preload_list.h.
#include "tools/sockopt/launch/preload_list.h"

#include <algorithm>

#include "shim/config/environment.h"

namespace sockopt {

std::string preload_with(std::string_view library, std::string_view before) {
  std::string value(library);
  while (!before.empty()) {
    const std::size_t end = std::min(before.find_first_of(": \t\n"), before.size());
    const std::string_view entry = before.substr(0, end);
    before.remove_prefix(std::min(end + 1, before.size()));
    if (!entry.empty() && !names_library(entry, library)) value.append(":").append(entry);
  }
  return value;
}

}  // namespace sockopt
