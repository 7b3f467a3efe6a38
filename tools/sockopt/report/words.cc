// SPDX-License-Identifier: MIT
#include "tools/sockopt/report/words.h"

#include <fmt/format.h>

namespace sockopt {

std::string counted(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : noun.ends_with('s') ? "es" : "s");
}

}  // namespace sockopt
