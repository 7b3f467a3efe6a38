// SPDX-License-Identifier: MIT
#include "tests/documentation/text.h"

#include <gtest/gtest.h>

#include <sstream>

#include "tests/support/paths.h"
#include "tests/support/process.h"

namespace sockopt::test {
namespace {

// What stands in a literal display of a page, as it is shown.
std::string shown(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view two = text.substr(i, 2);
    if (two == "\\e" || two == "\\-") {
      plain += two == "\\e" ? '\\' : '-';
      ++i;
    } else if (two == "\\&") {
      ++i;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

}  // namespace

std::vector<std::string> lines_of(std::string_view path) {
  const std::string text = read_file(source_directory() / path);
  EXPECT_FALSE(text.empty()) << path << " is missing or empty";
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::vector<Block> blocks_of(const std::string& path) {
  const bool page = !path.ends_with(".md");
  std::vector<Block> blocks;
  bool inside = false;
  std::size_t number = 0;
  for (const std::string& line : lines_of(path)) {
    ++number;
    if (inside && line.starts_with(page ? ".Ed" : "```")) {
      inside = false;
    } else if (inside) {
      blocks.back().text += (page ? shown(line) : line) + '\n';
    } else if (line.starts_with(page ? ".Bd -literal" : "```")) {
      inside = true;
      blocks.push_back({"", path + ':' + std::to_string(number)});
    }
  }
  return blocks;
}

Checked check(std::string_view configuration) {
  const TemporaryDirectory directory;
  const auto file = directory.write("sockopt.ini", configuration);
  // Strict: a warning fails as a fault does.
  const Finished finished =
      run({.argv = {build_directory() / "sockopt", "check", "--strict", file}});
  return {finished.success(), finished.output + finished.error};
}

}  // namespace sockopt::test
