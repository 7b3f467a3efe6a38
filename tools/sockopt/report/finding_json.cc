// SPDX-License-Identifier: MIT
#include "tools/sockopt/report/finding_json.h"

#include <nlohmann/json.hpp>

#include "tools/sockopt/report/output.h"

namespace sockopt {
namespace {

using Json = nlohmann::ordered_json;

Json printable_or_null(const std::string& text) {
  constexpr std::size_t kLongest = 1000;
  return text_or_null(printable(text, kLongest));
}

Json number_or_null(std::uint32_t number) { return number == 0 ? Json() : Json(number); }

}  // namespace

Json text_or_null(std::string_view text) { return text.empty() ? Json() : Json(text); }

Json finding_json(const Finding& finding) {
  const Place& place = finding.place;
  return {{"level", level_word(finding.level)},      {"topic", finding.topic},
          {"file", printable_or_null(place.file)},   {"line", number_or_null(place.line)},
          {"column", number_or_null(place.column)},  {"length", number_or_null(place.length)},
          {"what", printable_or_null(finding.what)}, {"fix", printable_or_null(finding.fix)}};
}

Json findings_json(const Findings& findings) {
  Json all = Json::array();
  for (const Finding& finding : findings) all.push_back(finding_json(finding));
  return all;
}

}  // namespace sockopt
