// SPDX-License-Identifier: MIT
//
// People copy examples.  Each one that is a configuration passes the strict check.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/documentation/text.h"

namespace sockopt::test {
namespace {

struct Example {
  std::string text;
  std::string place;
};

// The blocks between lines that begin with `open` and with `close`.
std::vector<Example> blocks(const std::string& path, std::string_view open,
                            std::string_view close) {
  std::vector<Example> examples;
  bool inside = false;
  std::size_t number = 0;
  for (const std::string& line : lines_of(path)) {
    ++number;
    if (inside && line.starts_with(close)) {
      inside = false;
    } else if (inside) {
      examples.back().text += line + "\n";
    } else if (line.starts_with(open)) {
      inside = true;
      examples.push_back({"", path + ":" + std::to_string(number)});
    }
  }
  return examples;
}

// What stands in a literal display of a page, as it is shown.
std::string shown(std::string text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.compare(i, 2, "\\e") == 0) {
      plain += '\\';
      ++i;
    } else if (text.compare(i, 2, "\\-") == 0) {
      plain += '-';
      ++i;
    } else if (text.compare(i, 2, "\\&") == 0) {
      ++i;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

void expect_sound(const Example& example) {
  const Checked checked = check(example.text);
  EXPECT_TRUE(checked.passed) << example.place << '\n' << example.text << checked.said;
}

TEST(Examples, OfTheReadme) {
  int configurations = 0;
  for (const Example& example : blocks("README.md", "```ini", "```")) {
    // Unit files are INI files too.
    if (example.text.find("[sockopt]") == std::string::npos &&
        example.text.find("[rule ") == std::string::npos) {
      continue;
    }
    ++configurations;
    expect_sound(example);
  }
  EXPECT_GE(configurations, 2);
}

TEST(Examples, OfTheManualPages) {
  int configurations = 0;
  for (const auto* page : {"man/sockopt.1", "man/sockopt.ini.5", "man/libsockopt.7"}) {
    for (Example& example : blocks(page, ".Bd -literal", ".Ed")) {
      example.text = shown(example.text);
      if (!example.text.starts_with("[sockopt]") && !example.text.starts_with("[rule ")) continue;
      ++configurations;
      expect_sound(example);
    }
  }
  EXPECT_GE(configurations, 3);
}

}  // namespace
}  // namespace sockopt::test
