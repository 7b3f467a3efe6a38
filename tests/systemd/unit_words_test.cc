// SPDX-License-Identifier: MIT
//
// Words and their quotes, as Environment= and ExecStart= have them.
#include "tools/systemd/unit_words.h"

#include <gtest/gtest.h>

namespace sockopt::test {
namespace {

using Words = std::vector<std::string>;

TEST(UnitWords, QuotesMayStandAnywhere) {
  EXPECT_EQ(split_unit_words(R"(A=1 "B=2 3" 'C="4"' D='5 6' "")"),
            (Words{"A=1", "B=2 3", "C=\"4\"", "D=5 6", ""}));
  EXPECT_EQ(split_unit_words("  \t "), Words{});
}

TEST(UnitWords, Escapes) {
  EXPECT_EQ(split_unit_words(R"(a\sb \x41\101 "\"" \\ \u00e4 '\'')"),
            (Words{"a b", "AA", "\"", "\\", "\xc3\xa4", "'"}));
}

TEST(UnitWords, WhatStandsBehindAFaultIsLost) {
  EXPECT_EQ(split_unit_words("A=1 \"B=2"), Words{"A=1"});
  EXPECT_EQ(split_unit_words(R"(A=1 B=\q C=3)"), Words{"A=1"});
  EXPECT_EQ(split_unit_words("A=1 B=2\\"), Words{"A=1"});
  EXPECT_EQ(split_unit_words(R"(A=1 \x00)"), Words{"A=1"});
}

TEST(UnitWords, Variables) {
  EXPECT_EQ(parse_unit_variable("A_1=x=y"), (UnitVariable{"A_1", "x=y"}));
  EXPECT_EQ(parse_unit_variable("A="), (UnitVariable{"A", ""}));
  for (const char* word : {"A", "=1", "1A=1", "A-B=1", "", "A=\x01"}) {
    EXPECT_FALSE(parse_unit_variable(word)) << word;
  }
}

TEST(UnitWords, WhatIsQuotedIsReadAsItWas) {
  for (const std::string word : {"plain", "", "two words", "\"", "'", "\\", "a\\nb", "line\nend",
                                 "tab\t", "LD_PRELOAD=/a:/b"}) {
    EXPECT_EQ(split_unit_words(quote_unit_word(word)), Words{word}) << quote_unit_word(word);
  }
  EXPECT_EQ(escape_specifiers("50%i%%"), "50%%i%%%%");
}

}  // namespace
}  // namespace sockopt::test
