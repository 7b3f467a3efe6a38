// SPDX-License-Identifier: MIT
#include "tools/sockopt/launch/script_signs.h"

#include <algorithm>
#include <array>

#include "shim/text/text.h"

namespace sockopt {
namespace {

constexpr std::array<std::string_view, 8> kSigns = {
    "env -i",        "env - ",       "%ENV =",   "ENV{LD_PRELOAD}",
    "environ.clear", "environ.pop(", "clearenv", "LD_PRELOAD="};

}  // namespace

std::optional<ScriptSign> find_environment_sign(std::string_view script) {
  for (std::size_t number = 1; !script.empty(); ++number) {
    const std::string_view line = trim(take_line(script));
    const bool has_sign = std::any_of(kSigns.begin(), kSigns.end(), [&](std::string_view sign) {
      return line.find(sign) != line.npos;
    });
    if (has_sign && !line.starts_with('#')) return ScriptSign{number, line};
  }
  return std::nullopt;
}

}  // namespace sockopt
