// SPDX-License-Identifier: MIT
//
// See findings.h.
#include "tests/doctor/findings.h"

namespace sockopt::test {
namespace {

std::string word(Diagnosis::Level level) {
  switch (level) {
    case Diagnosis::Level::kFail:
      return "FAIL";
    case Diagnosis::Level::kWarn:
      return "WARN";
    case Diagnosis::Level::kNote:
      return "NOTE";
    case Diagnosis::Level::kOk:
      return "OK";
  }
  return {};
}

}  // namespace

std::string lines(const Diagnoses& found) {
  std::string text;
  for (const Diagnosis& one : found) {
    text += word(one.level) + ' ' + one.topic + ": " + one.what;
    if (!one.mend.empty()) text += " => " + one.mend;
    text += '\n';
  }
  return text;
}

std::string lines_about(const Diagnoses& found, const std::string& topic) {
  Diagnoses chosen;
  for (const Diagnosis& one : found) {
    if (one.topic == topic) chosen.push_back(one);
  }
  return lines(chosen);
}

}  // namespace sockopt::test
