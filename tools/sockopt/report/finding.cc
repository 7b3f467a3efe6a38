// SPDX-License-Identifier: MIT
#include "tools/sockopt/report/finding.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "tools/sockopt/report/output.h"

namespace sockopt {

std::string_view level_word(Level level) {
  constexpr std::string_view kWords[] = {"error", "warning", "note", "ok"};
  static_assert(std::size(kWords) == static_cast<std::size_t>(Level::kOk) + 1);
  return kWords[static_cast<std::size_t>(level)];
}

std::string Place::text() const {
  std::string text = printable(file);
  if (line != 0) text += fmt::format(":{}", line);
  if (column != 0) text += fmt::format(":{}", column);
  return text;
}

Finding Finding::error(std::string topic, std::string what, std::string fix) {
  return {Level::kError, std::move(topic), std::move(what), std::move(fix)};
}

Finding Finding::warning(std::string topic, std::string what, std::string fix) {
  return {Level::kWarning, std::move(topic), std::move(what), std::move(fix)};
}

Finding Finding::note(std::string topic, std::string what, std::string fix) {
  return {Level::kNote, std::move(topic), std::move(what), std::move(fix)};
}

Finding Finding::ok(std::string topic, std::string what) {
  return {Level::kOk, std::move(topic), std::move(what)};
}

std::string Finding::placed() const {
  return place.file.empty() ? what : fmt::format("{}: {}", place.text(), what);
}

std::string Finding::sentence() const {
  return fix.empty() ? what : fmt::format("{}; {}", what, fix);
}

void append(Findings& all, Findings more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

std::size_t count(const Findings& findings, Level level) {
  return static_cast<std::size_t>(std::count_if(
      findings.begin(), findings.end(), [&](const Finding& one) { return one.level == level; }));
}

}  // namespace sockopt
