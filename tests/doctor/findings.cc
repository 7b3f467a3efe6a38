// SPDX-License-Identifier: MIT
#include "tests/doctor/findings.h"

namespace sockopt::test {
std::string lines(const Findings& found) {
  std::string text;
  for (const Finding& one : found) {
    text += std::string(level_word(one.level)) + ' ' + one.topic + ": " + one.what;
    if (!one.fix.empty()) text += " => " + one.fix;
    text += '\n';
  }
  return text;
}

std::string lines_about(const Findings& found, const std::string& topic) {
  Findings chosen;
  for (const Finding& one : found) {
    if (one.topic == topic) chosen.push_back(one);
  }
  return lines(chosen);
}

}  // namespace sockopt::test
