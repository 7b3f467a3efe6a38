// SPDX-License-Identifier: MIT
//
// The project's documents, as lines.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sockopt::test {

// The lines of a file of the source tree; none, and a failed test, where there is no such file.
std::vector<std::string> lines_of(std::string_view path);

// A block of a document that is shown as it is: between ``` in Markdown, a literal display in a
// page.
struct Block {
  std::string text;   // as a reader sees it
  std::string place;  // file:line
};
std::vector<Block> blocks_of(const std::string& path);

// What `sockopt check` says of this text as a file: nothing but its summary where all is well.
struct Checked {
  bool passed = false;  // without a fault or a warning
  std::string said;
};
Checked check(std::string_view configuration);

}  // namespace sockopt::test
