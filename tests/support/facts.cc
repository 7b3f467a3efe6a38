// SPDX-License-Identifier: MIT
#include "tests/support/facts.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <sstream>

#include "tests/support/paths.h"

namespace sockopt::test {

std::string Facts::operator[](std::string_view fact) const {
  const std::string beginning = std::string(fact) + " ";
  std::string found = "(not told)";
  for (const std::string& line : lines) {
    if (line.starts_with(beginning)) found = line.substr(beginning.size());
  }
  return found;
}

long Facts::number(std::string_view fact) const {
  const std::string text = (*this)[fact];
  char* end = nullptr;
  const long value = std::strtol(text.c_str(), &end, 10);
  EXPECT_TRUE(end != text.c_str() && *end == '\0') << fact << " " << text;
  return value;
}

Facts facts_of(Command command) {
  Facts facts{.finished = run(std::move(command)), .lines = {}};
  const auto& exit = facts.finished.exit;
  EXPECT_TRUE(facts.finished.success())
      << (exit ? exit->exited ? "status " + std::to_string(exit->status)
                              : "signal " + std::to_string(exit->signal)
               : "it did not end")
      << "\noutput:\n"
      << facts.finished.output << "error:\n"
      << facts.finished.error;
  std::istringstream stream(facts.finished.output);
  for (std::string line; std::getline(stream, line);) facts.lines.push_back(line);
  return facts;
}

Facts facts_of(std::vector<std::string> argv, const Environment& environment) {
  return facts_of({.argv = std::move(argv), .environment = environment});
}

Environment preloading(const std::vector<std::string>& libraries, const Environment& settings) {
  Environment environment = variables(settings);
  std::string list;
  for (const std::string& one : libraries) list += (list.empty() ? "" : ":") + one;
  environment["LD_PRELOAD"] = list;
  return environment;
}

std::vector<std::vector<std::string>> both_orders(const std::string& other) {
  return {{library(), other}, {other, library()}};
}

}  // namespace sockopt::test
