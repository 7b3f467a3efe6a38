// SPDX-License-Identifier: MIT
#include "tools/sockopt/report/time_text.h"

namespace sockopt {

std::string time_text(std::time_t when) {
  std::tm local = {};
  char text[32];
  if (::localtime_r(&when, &local) == nullptr) return "?";
  return std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &local) != 0 ? text : "?";
}

}  // namespace sockopt
