// SPDX-License-Identifier: MIT
//
// Every message that a configuration can draw, from the library's readers and from `sockopt check`,
// is in a golden file: the texts are taken from the sources, so that a new one without a golden
// fails here.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <regex>
#include <set>

#include "tests/documentation/text.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_directory.h"

namespace sockopt::test {
namespace {

// Texts that no golden can show, and why.
const std::map<std::string, std::string> kWithoutGolden = {
    {"line not understood; write `key = value`", "inih is given no line that it refuses"},
    {"a special file", "every other kind of file that stat(2) tells of has a word of its own"},
    {"cannot be read: no memory", "mmap(2) of a mebibyte has to fail"},
    {"too many rules; the variables are ignored", "the variables have a place of their own"},
    {"not read: too many files", "a directory's files are fewer than there is room for"},
    {"takes an address with its port: 192.0.2.1:443, 0.0.0.0:80, [::1]:443",
     "an argument of `sockopt explain`, not of a configuration"},
    {": not loaded on this host (available: ", "it lists what this host has"},
    {"); sockets keep their algorithm unless the program may load it", "the same message"},
    {"modprobe tcp_", "the same message"},
    {"dead peers", "the name of a group"},
    {"anything else", "the name of a group"},
};

std::vector<std::filesystem::path> sources() {
  std::vector<std::filesystem::path> files;
  for (const char* folder : {"shim/config", "shim/zmq"}) {
    for (const auto& entry : std::filesystem::directory_iterator(source_directory() / folder)) {
      if (entry.is_regular_file() && entry.path().filename() != "table.h") {
        files.push_back(entry.path());
      }
    }
  }
  for (const char* file :
       {"shim/options/value.cc", "shim/options/value_text.cc", "shim/policy/address.cc",
        "tools/sockopt/diagnosis/warnings.cc", "tools/sockopt/diagnosis/rule_findings.cc"}) {
    files.push_back(source_directory() / file);
  }
  return files;
}

// "is `x`, \"y\"" -> is `x`, "y"
std::string unescaped(const std::string& literal) {
  return std::regex_replace(literal, std::regex(R"(\\(["\\]))"), "$1");
}

// The texts of a source that have a space in them, which keys and names have not; one that goes on
// in the next line is one, and of a format what stands between its fields.
std::set<std::string> texts_of(const std::filesystem::path& source) {
  static const std::regex kComment(R"(//[^\n]*)");
  static const std::regex kInclude(R"(#include[^\n]*)");
  static const std::regex kSeam("\"\\s*\n\\s*\"");
  static const std::regex kLiteral(R"rx("((?:[^"\\\n]|\\.)*)")rx");
  static const std::regex kField(R"(\{[^{}]*\})");
  std::string code = read_file(source);
  for (const auto& [pattern, with] :
       {std::pair(kComment, ""), std::pair(kInclude, ""), std::pair(kSeam, "")}) {
    code = std::regex_replace(code, pattern, with);
  }
  std::set<std::string> texts;
  for (std::sregex_iterator it(code.begin(), code.end(), kLiteral), end; it != end; ++it) {
    const std::string literal = unescaped((*it)[1]);
    std::sregex_token_iterator piece(literal.begin(), literal.end(), kField, -1);
    for (; piece != std::sregex_token_iterator(); ++piece) {
      const std::string text = *piece;
      if (text.find(' ') == std::string::npos) continue;
      if (text.find_first_of("abcdefghijklmnopqrstuvwxyz") == std::string::npos) continue;
      texts.insert(text);
    }
  }
  return texts;
}

std::string all_goldens() {
  std::string all;
  for (const char* directory :
       {"tests/unit/config/golden", "tests/unit/zmq/golden", "tests/command/golden"}) {
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(source_directory() / directory)) {
      if (entry.path().extension() == ".expected") all += read_file(entry.path());
    }
  }
  return all;
}

TEST(Messages, EachIsInAGoldenFile) {
  const std::string goldens = all_goldens();
  std::size_t count = 0;
  for (const std::filesystem::path& source : sources()) {
    for (const std::string& text : texts_of(source)) {
      if (kWithoutGolden.contains(text)) continue;
      ++count;
      EXPECT_NE(goldens.find(text), std::string::npos)
          << source.filename() << " says `" << text << "`, and no golden file shows it";
    }
  }
  EXPECT_GE(count, 100U) << "the texts are no longer found in the sources";
}

TEST(Messages, WhatNeedsNoGoldenIsStillSaidAndStillInNone) {
  const std::string goldens = all_goldens();
  std::set<std::string> said;
  for (const std::filesystem::path& source : sources()) said.merge(texts_of(source));
  for (const auto& [text, reason] : kWithoutGolden) {
    EXPECT_TRUE(said.contains(text)) << text;
    EXPECT_EQ(goldens.find(text), std::string::npos) << text << ": but " << reason;
  }
}

TEST(Messages, AreFoundInASource) {
  const TemporaryDirectory directory;
  const auto source =
      directory.write("a.cc",
                      "#include \"a b.h\"\n"
                      "// \"not this one\"\n"
                      "say(\"one text \"\n"
                      "    \"of two lines\", \"word\", \"with \\\"quotes\\\" in\");\n"
                      "fmt(\"{} is more than {:>5} of them\", a);\n");
  EXPECT_EQ(texts_of(source), (std::set<std::string>{"one text of two lines", "with \"quotes\" in",
                                                     " is more than ", " of them"}));
}

}  // namespace
}  // namespace sockopt::test
