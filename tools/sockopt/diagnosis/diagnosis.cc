// SPDX-License-Identifier: MIT
//
// See diagnosis.h.
#include "tools/sockopt/diagnosis/diagnosis.h"

#include <algorithm>
#include <utility>

#include "shim/text/text.h"
#include "tools/sockopt/report/text_table.h"

namespace sockopt {
namespace {

using Level = Diagnosis::Level;

constexpr std::size_t kTopicWidth = 12;
constexpr std::size_t kTextColumn = 5 + kTopicWidth;  // behind `FAIL ` and the topic
constexpr std::string_view kMend = "mend: ";

std::string_view word(Level level) {
  switch (level) {
    case Level::kFail:
      return "FAIL";
    case Level::kWarn:
      return "WARN";
    case Level::kNote:
      return "NOTE";
    case Level::kOk:
      return "OK";
  }
  return {};
}

std::string coloured(const Style& style, Level level, std::string text) {
  if (level == Level::kFail) return style.red(text);
  if (level == Level::kWarn) return style.yellow(text);
  return text;
}

void print(Output& out, const Style& style, std::optional<std::size_t> width,
           const Diagnosis& diagnosis) {
  const std::string what = printable(diagnosis.what, 1000);
  const std::string mend =
      diagnosis.mend.empty() ? "" : fmt::format("{}{}", kMend, printable(diagnosis.mend, 1000));
  out.print("{} {:<{}}",
            coloured(style, diagnosis.level, fmt::format("{:<4}", word(diagnosis.level))),
            diagnosis.topic, kTopicWidth);
  const std::size_t whole = kTextColumn + what.size() + (mend.empty() ? 0 : 3 + mend.size());
  if (!width || whole <= *width) {
    out.print("{}{}{}\n", what, mend.empty() ? "" : "   ", mend);
    return;
  }
  // A command that is cut in two cannot be copied: it has a line of its own, however long.
  const std::size_t room = std::max<std::size_t>(*width, kTextColumn + 20) - kTextColumn;
  std::size_t indent = 0;
  for (const std::string& line : wrap_text(what, room)) {
    out.print("{:{}}{}\n", "", indent, line);
    indent = kTextColumn;
  }
  if (!mend.empty()) out.print("{:{}}{}\n", "", kTextColumn, mend);
}

}  // namespace

Diagnosis Diagnosis::fail(std::string topic, std::string what, std::string mend) {
  return {Level::kFail, std::move(topic), std::move(what), std::move(mend)};
}

Diagnosis Diagnosis::warn(std::string topic, std::string what, std::string mend) {
  return {Level::kWarn, std::move(topic), std::move(what), std::move(mend)};
}

Diagnosis Diagnosis::note(std::string topic, std::string what, std::string mend) {
  return {Level::kNote, std::move(topic), std::move(what), std::move(mend)};
}

Diagnosis Diagnosis::ok(std::string topic, std::string what) {
  return {Level::kOk, std::move(topic), std::move(what), {}};
}

void append(Diagnoses& all, Diagnoses more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

void print_examined(Output& out, const Style& style, std::optional<std::size_t> width,
                    const Examined& examined) {
  out.print("{}\n", style.bold(printable(examined.kind == examined.name
                                             ? examined.name
                                             : examined.kind + ' ' + examined.name)));
  Diagnoses found = examined.found;
  std::stable_sort(found.begin(), found.end(),
                   [](const Diagnosis& a, const Diagnosis& b) { return a.level < b.level; });
  for (const Diagnosis& diagnosis : found) print(out, style, width, diagnosis);
}

nlohmann::ordered_json examined_json(const Examined& examined) {
  nlohmann::ordered_json json;
  json["kind"] = examined.kind;
  json["name"] = printable(examined.name);
  if (examined.kind == "process") json["library"] = examined.library;
  json["findings"] = nlohmann::ordered_json::array();
  for (const Diagnosis& diagnosis : examined.found) {
    nlohmann::ordered_json one;
    std::string level(word(diagnosis.level));
    std::transform(level.begin(), level.end(), level.begin(), to_lower);
    one["level"] = level;
    one["topic"] = diagnosis.topic;
    one["what"] = printable(diagnosis.what, 1000);
    one["mend"] = diagnosis.mend.empty() ? nlohmann::ordered_json()
                                         : nlohmann::ordered_json(printable(diagnosis.mend, 1000));
    json["findings"].push_back(std::move(one));
  }
  return json;
}

}  // namespace sockopt
