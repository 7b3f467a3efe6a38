// SPDX-License-Identifier: MIT
#include "tools/sockopt/report/line_diff.h"

#include <algorithm>
#include <vector>

#include "shim/text/text.h"

namespace sockopt {
namespace {

using Lines = std::vector<std::string_view>;

Lines lines_of(std::string_view text) {
  Lines lines;
  while (!text.empty()) lines.push_back(take_line(text));
  return lines;
}

}  // namespace

std::string line_diff(std::string_view before, std::string_view after) {
  const Lines a = lines_of(before);
  const Lines b = lines_of(after);
  // The most lines that can stay, from each pair of places on.
  std::vector<std::vector<std::size_t>> stay(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = a.size(); i-- > 0;) {
    for (std::size_t j = b.size(); j-- > 0;) {
      stay[i][j] = a[i] == b[j] ? stay[i + 1][j + 1] + 1 : std::max(stay[i + 1][j], stay[i][j + 1]);
    }
  }
  std::string text;
  const auto put = [&](std::string_view mark, std::string_view line) {
    text.append(mark).append(line).append("\n");
  };
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() || j < b.size()) {
    if (i < a.size() && j < b.size() && a[i] == b[j]) {
      put("  ", a[i++]);
      ++j;
    } else if (j == b.size() || (i < a.size() && stay[i + 1][j] >= stay[i][j + 1])) {
      put("- ", a[i++]);
    } else {
      put("+ ", b[j++]);
    }
  }
  return text;
}

}  // namespace sockopt
