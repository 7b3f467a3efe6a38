// SPDX-License-Identifier: MIT
#include "tools/sockopt/report/text_table.h"

#include <algorithm>
#include <utility>

namespace sockopt {
namespace {

constexpr std::size_t kGap = 2;
// The last column is wrapped: as wide as is good to read, and as wide as can be read at all.
constexpr std::size_t kComfortable = 40;
constexpr std::size_t kNarrowestLast = 16;

// The bytes behind the first of a character of UTF-8.
bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U; }

// Of the signs that we write ourselves each takes one column; all else is plain ASCII.
std::size_t width_of(const std::string& text) {
  return text.size() - static_cast<std::size_t>(std::count_if(text.begin(), text.end(), continues));
}

std::string first_columns(const std::string& text, std::size_t width) {
  std::size_t end = 0;
  while (end < text.size() && (width > 0 || continues(text[end]))) {
    if (!continues(text[end])) --width;
    ++end;
  }
  return text.substr(0, end);
}

std::string cut(const std::string& text, std::size_t width) {
  if (width_of(text) <= width) return text;
  return width <= 2 ? first_columns(text, width) : first_columns(text, width - 2) + "..";
}

void split(const std::string& packed, std::vector<std::string>& cells) {
  cells.clear();
  for (std::size_t at = 0; at < packed.size();) {
    cells.emplace_back(packed.c_str() + at);
    at += cells.back().size() + 1;
  }
}

}  // namespace

std::vector<std::string> wrap_text(const std::string& text, std::size_t width) {
  std::vector<std::string> lines;
  std::size_t from = 0;
  while (text.size() - from > width) {
    std::size_t end = text.rfind(' ', from + width);
    const bool broken = end == std::string::npos || end <= from;  // a word longer than the line
    if (broken) end = from + width;
    lines.push_back(text.substr(from, end - from));
    from = broken ? end : end + 1;
  }
  lines.push_back(text.substr(from));
  return lines;
}

TextTable::TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {
  for (const Column& column : columns_) widest_.push_back(column.title.size());
}

void TextTable::add(const std::vector<std::string>& cells) {
  Row row{{}, false};
  for (std::size_t i = 0; i < cells.size(); ++i) {
    widest_[i] = std::max(widest_[i], width_of(cells[i]));
    row.cells.append(cells[i]).push_back('\0');
  }
  row.cells.shrink_to_fit();
  rows_.push_back(std::move(row));
}

std::vector<TextTable::Shown> TextTable::fit(std::optional<std::size_t> width) const {
  std::vector<Shown> shown;
  for (std::size_t i = 0; i < columns_.size(); ++i) shown.push_back({i, widest_[i]});
  if (!width) return shown;

  const auto narrowest = [&](const Shown& column) {
    const bool last = column.index + 1 == columns_.size();
    const std::size_t least = last ? kComfortable : columns_[column.index].narrowest;
    return least == 0 ? column.width : std::min(least, column.width);
  };
  const auto total = [&](auto width_of) {
    std::size_t sum = kGap * (shown.size() - 1);
    for (const Shown& column : shown) sum += width_of(column);
    return sum;
  };
  while (total(narrowest) > *width) {
    const auto least =
        std::max_element(shown.begin(), shown.end(), [&](const Shown& a, const Shown& b) {
          return columns_[a.index].rank < columns_[b.index].rank;
        });
    if (columns_[least->index].rank == 0) break;
    shown.erase(least);
  }
  const auto narrow = [&](Shown& column, std::size_t least) {
    const std::size_t sum = total([](const Shown& one) { return one.width; });
    if (sum <= *width || column.width <= least) return;
    column.width -= std::min(column.width - least, sum - *width);
  };
  // The last column gives way first, as it is wrapped; then the others, the later ones first.
  for (std::size_t i = shown.size(); i-- > 0;) narrow(shown[i], narrowest(shown[i]));
  narrow(shown.back(), kNarrowestLast);
  return shown;
}

std::vector<std::string> TextTable::left_out(std::optional<std::size_t> width) const {
  std::vector<std::string> titles;
  const std::vector<Shown> shown = fit(width);
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const bool is_shown = std::any_of(shown.begin(), shown.end(),
                                      [&](const Shown& column) { return column.index == i; });
    if (!is_shown) titles.push_back(columns_[i].title);
  }
  return titles;
}

bool TextTable::hides_mark(const std::vector<std::string>& cells, const std::vector<Shown>& shown) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const bool is_shown = std::any_of(shown.begin(), shown.end(),
                                      [&](const Shown& column) { return column.index == i; });
    if (!is_shown && cells[i].ends_with(kMark)) return true;
  }
  return false;
}

void TextTable::print(Output& out, const Style& style, std::optional<std::size_t> width) const {
  const std::vector<Shown> shown = fit(width);
  const auto print_line = [&](auto cell) {
    std::string line;
    for (const Shown& column : shown) {
      const std::string text = cell(column);
      line += text;
      // A mark stands in the gap.
      const std::size_t room = column.width + kGap;
      line.append(room - std::min(room - 1, width_of(text)), ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
  };
  out.print("{}\n", style.bold(print_line([&](const Shown& column) {
    return cut(columns_[column.index].title, column.width);
  })));
  std::vector<std::string> cells;
  for (const Row& row : rows_) {
    if (!out.write_if_much()) return;
    if (row.heading) {
      out.print("\n{}\n", style.bold(row.cells));
      continue;
    }
    split(row.cells, cells);
    if (hides_mark(cells, shown)) cells[shown.front().index] += kMark;
    const Shown& last = shown.back();
    const std::vector<std::string> wrapped = wrap_text(cells[last.index], last.width);
    for (std::size_t i = 0; i < wrapped.size(); ++i) {
      out.print("{}\n", print_line([&](const Shown& column) {
                  if (column.index == last.index) return wrapped[i];
                  if (i != 0) return std::string();
                  const bool marked = column.index == shown.front().index;
                  return cut(cells[column.index], column.width + (marked ? 1 : 0));
                }));
    }
  }
}

}  // namespace sockopt
