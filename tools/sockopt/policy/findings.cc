// SPDX-License-Identifier: MIT
//
// See findings.h.
#include "tools/sockopt/policy/findings.h"

#include <algorithm>

#include "shim/text/text.h"

namespace sockopt {
namespace {

constexpr std::size_t kLongestShown = 200;
constexpr std::size_t kShownBefore = 60;  // the place that is meant, of a line that is longer

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

}  // namespace

std::string word(Finding::Kind kind) {
  switch (kind) {
    case Finding::Kind::kError:
      return "error";
    case Finding::Kind::kWarning:
      return "warning";
    case Finding::Kind::kNote:
      return "note";
  }
  return {};
}

std::string Finding::place() const {
  std::string text = printable(source);
  if (line != 0) text += fmt::format(":{}", line);
  if (column != 0) text += fmt::format(":{}", column);
  return text;
}

std::size_t Findings::count(Finding::Kind kind) const {
  return static_cast<std::size_t>(std::count_if(
      begin(), end(), [kind](const Finding& finding) { return finding.kind == kind; }));
}

void Findings::sort() {
  std::stable_sort(all_.begin(), all_.end(),
                   [](const Finding& a, const Finding& b) { return a.line < b.line; });
}

void Findings::take(void* self, const Fault& fault) {
  static_cast<Findings*>(self)->add({Finding::Kind::kError, std::string(fault.source), fault.line,
                                     fault.column, fault.length, std::string(fault.message)});
}

SourceLines::SourceLines(std::string_view text) {
  constexpr std::string_view kUtf8Mark = "\xef\xbb\xbf";
  if (text.starts_with(kUtf8Mark)) text.remove_prefix(kUtf8Mark.size());
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = slice(text, 0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines_.push_back(line);
  }
}

std::string_view SourceLines::line(std::uint32_t number) const {
  return number == 0 || number > lines_.size() ? std::string_view() : lines_[number - 1];
}

void print_finding(Output& out, const Style& style, const SourceLines& lines,
                   const Finding& finding) {
  const auto coloured = [&](const std::string& text) {
    return finding.kind == Finding::Kind::kError     ? style.red(text)
           : finding.kind == Finding::Kind::kWarning ? style.yellow(text)
                                                     : style.bold(text);
  };
  out.print("{}: {}: {}\n", style.bold(finding.place()), coloured(word(finding.kind)),
            printable(finding.message));
  if (finding.line == 0) return;
  // A tab is shown as the one column that it is counted as.
  std::string line(lines.line(finding.line));
  std::replace(line.begin(), line.end(), '\t', ' ');
  const std::size_t meant = finding.column == 0 ? 0 : finding.column - 1;
  const Excerpt shown = excerpt(line, meant);
  out.print("{:>5} | {}\n", finding.line, shown.text);
  if (finding.column == 0 || meant > line.size()) return;
  const std::size_t before =
      printable(slice(line, shown.first, meant - shown.first), kLongestShown).size();
  const std::size_t under =
      std::min(printable(slice(line, meant, finding.length), kLongestShown).size(),
               shown.text.size() - std::min(before, shown.text.size()));
  std::string mark = "^";
  mark.append(under > 1 ? under - 1 : 0, '~');
  out.print("{:>5} | {:{}}{}\n", "", "", before, coloured(mark));
}

}  // namespace sockopt
