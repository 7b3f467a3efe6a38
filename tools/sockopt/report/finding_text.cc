// SPDX-License-Identifier: MIT
#include "tools/sockopt/report/finding_text.h"

#include <algorithm>

#include "shim/text/text.h"
#include "tools/sockopt/report/text_table.h"

namespace sockopt {
namespace {

constexpr std::size_t kLongestShown = 200;
constexpr std::size_t kShownBefore = 60;  // the place that is meant, of a line that is longer

constexpr std::size_t kLongest = 1000;     // of what is said
constexpr std::size_t kLongestFix = 8000;  // a command that is cut is none
constexpr std::size_t kTopicWidth = 12;
constexpr std::size_t kTextColumn = 5 + kTopicWidth;  // behind `FAIL ` and the topic

// What is shown of a line, and the byte of it that this begins with. A byte that is shown as \xNN
// takes four columns.
struct Excerpt {
  std::string text;
  std::size_t first = 0;
};

Excerpt excerpt(std::string_view line, std::size_t meant) {
  Excerpt shown;
  if (printable(line, line.size()).size() > kLongestShown) {
    meant = std::min(meant, line.size());
    if (meant > kShownBefore) shown.first = meant - kShownBefore;
    while (printable(slice(line, shown.first, meant - shown.first), meant).size() > kShownBefore) {
      ++shown.first;
    }
  }
  std::size_t count = std::min(line.size() - shown.first, kLongestShown);
  const auto size = [&] { return printable(slice(line, shown.first, count), count).size(); };
  while (size() > kLongestShown) --count;
  shown.text = printable(slice(line, shown.first), count);
  return shown;
}

std::string coloured(const Style& style, Level level, std::string_view text) {
  switch (level) {
    case Level::kError:
      return style.red(text);
    case Level::kWarning:
      return style.yellow(text);
    default:
      return std::string(text);
  }
}

std::string_view report_word(Level level) {
  constexpr std::string_view kWords[] = {"FAIL", "WARN", "NOTE", "OK"};
  static_assert(std::size(kWords) == static_cast<std::size_t>(Level::kOk) + 1);
  return kWords[static_cast<std::size_t>(level)];
}

void print_line(Output& out, const Style& style, std::optional<std::size_t> width,
                const Finding& finding) {
  const std::string what = printable(finding.placed(), kLongest);
  const std::string fix = finding.fix.empty() ? "" : "fix: " + printable(finding.fix, kLongestFix);
  out.print("{} {:<{}}",
            coloured(style, finding.level, fmt::format("{:<4}", report_word(finding.level))),
            finding.topic, kTopicWidth);
  const std::size_t whole = kTextColumn + what.size() + (fix.empty() ? 0 : 3 + fix.size());
  if (!width || whole <= *width) {
    out.print("{}{}{}\n", what, fix.empty() ? "" : "   ", fix);
    return;
  }
  // A command that is cut in two cannot be copied: it has a line of its own, however long.
  const std::size_t room = std::max<std::size_t>(*width, kTextColumn + 20) - kTextColumn;
  std::size_t indent = 0;
  for (const std::string& line : wrap_text(what, room)) {
    out.print("{:{}}{}\n", "", indent, line);
    indent = kTextColumn;
  }
  if (!fix.empty()) out.print("{:{}}{}\n", "", kTextColumn, fix);
}

}  // namespace

SourceLines::SourceLines(std::string_view text) {
  constexpr std::string_view kUtf8Mark = "\xef\xbb\xbf";
  if (text.starts_with(kUtf8Mark)) text.remove_prefix(kUtf8Mark.size());
  while (!text.empty()) {
    std::string_view line = take_line(text);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines_.push_back(line);
  }
}

std::string_view SourceLines::line(std::uint32_t number) const {
  return number == 0 || number > lines_.size() ? std::string_view() : lines_[number - 1];
}

void print_in_source(Output& out, const Style& style, const SourceLines& lines,
                     const Finding& finding) {
  const Place& place = finding.place;
  const auto marked = [&](std::string_view text) {
    return finding.level == Level::kNote ? style.bold(text) : coloured(style, finding.level, text);
  };
  out.print("{}: {}: {}\n", style.bold(place.text()), marked(level_word(finding.level)),
            printable(finding.sentence(), kLongest));
  if (place.line == 0) return;
  // A tab is shown as the one column that it is counted as.
  std::string line(lines.line(place.line));
  std::replace(line.begin(), line.end(), '\t', ' ');
  const std::size_t meant = place.column == 0 ? 0 : place.column - 1;
  const Excerpt shown = excerpt(line, meant);
  out.print("{:>5} | {}\n", place.line, shown.text);
  if (place.column == 0 || meant > line.size()) return;
  const std::size_t before =
      printable(slice(line, shown.first, meant - shown.first), kLongestShown).size();
  const std::size_t under =
      std::min(printable(slice(line, meant, place.length), kLongestShown).size(),
               shown.text.size() - std::min(before, shown.text.size()));
  std::string mark = "^";
  mark.append(under > 1 ? under - 1 : 0, '~');
  out.print("{:>5} | {:{}}{}\n", "", "", before, marked(mark));
}

void print_report(Output& out, const Style& style, std::optional<std::size_t> width,
                  const Findings& findings) {
  Findings sorted = findings;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Finding& a, const Finding& b) { return a.level < b.level; });
  for (const Finding& finding : sorted) print_line(out, style, width, finding);
}

}  // namespace sockopt
