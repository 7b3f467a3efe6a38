// SPDX-License-Identifier: MIT
//
// Rows in columns. On a terminal they are made to fit: what matters least is left out, what is left
// is narrowed, and the last column is wrapped. Elsewhere every row is one whole line. A cell that
// ends in kMark says so in the first one of its row where its own column is left out.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tools/sockopt/report/output.h"
#include "tools/sockopt/report/terminal.h"

namespace sockopt {

inline constexpr char kMark = '!';

struct Column {
  std::string title;
  /// Columns of a higher rank are left out before those of a lower one; of rank 0 never.
  int rank = 0;
  /// How far it may be narrowed, by cutting; 0: not at all.
  std::size_t narrowest = 0;
};

class TextTable {
 public:
  explicit TextTable(std::vector<Column> columns);

  void add_heading(std::string text) { rows_.push_back({std::move(text), true}); }
  /// As many cells as there are columns, plain ASCII but for the signs of terminal.h; those of the
  /// last column without them.
  void add(const std::vector<std::string>& cells);

  /// Without a width, nothing is fitted.
  void print(Output& out, const Style& style, std::optional<std::size_t> width) const;

  /// The titles of the columns that are then left out.
  std::vector<std::string> left_out(std::optional<std::size_t> width) const;

 private:
  // There may be very many: a row is one text, in which a NUL ends each cell.
  struct Row {
    std::string cells;
    bool heading;
  };
  /// A column that is shown, and how wide.
  struct Shown {
    std::size_t index;
    std::size_t width;
  };

  static bool hides_mark(const std::vector<std::string>& cells, const std::vector<Shown>& shown);
  std::vector<Shown> fit(std::optional<std::size_t> width) const;

  std::vector<Column> columns_;
  std::vector<std::size_t> widest_;
  std::vector<Row> rows_;
};

/// `text` in lines of at most `width`, broken at spaces where there are any.
std::vector<std::string> wrap_text(const std::string& text, std::size_t width);

}  // namespace sockopt
