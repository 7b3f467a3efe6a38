// SPDX-License-Identifier: MIT
//
// Shell patterns of program names: held against fnmatch(3) where that says the same, every short
// pattern on every short text against a definition that is too slow to ship, and no pattern that
// takes more than work in proportion to the text.
#include "shim/policy/glob.h"

#include <fnmatch.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/instructions.h"
#include "tests/unit/policy/naive_glob.h"

namespace sockopt::test {
namespace {

TEST(Glob, MatchesTheWholeText) {
  EXPECT_TRUE(glob_matches("nginx", "nginx"));
  EXPECT_FALSE(glob_matches("nginx", "nginx-debug"));
  EXPECT_FALSE(glob_matches("nginx", "xnginx"));
  EXPECT_FALSE(glob_matches("nginx", "Nginx"));
  EXPECT_TRUE(glob_matches("nginx*", "nginx-debug"));
  EXPECT_TRUE(glob_matches("*d", "httpd"));
  EXPECT_TRUE(glob_matches("*", ""));
  EXPECT_TRUE(glob_matches("", ""));
  EXPECT_FALSE(glob_matches("", "x"));
  EXPECT_FALSE(glob_matches("?", ""));
  EXPECT_TRUE(glob_matches("python3.?*", "python3.11"));
  EXPECT_TRUE(glob_matches("/usr/*/nginx", "/usr/local/sbin/nginx")) << "a star takes slashes";
}

TEST(Glob, KnowsBrackets) {
  EXPECT_TRUE(glob_matches("[abc]", "b"));
  EXPECT_FALSE(glob_matches("[abc]", "d"));
  EXPECT_TRUE(glob_matches("[a-c]x", "bx"));
  EXPECT_FALSE(glob_matches("[!a-c]", "b"));
  EXPECT_TRUE(glob_matches("[!a-c]", "z"));
  EXPECT_TRUE(glob_matches("[]x]", "]"));
  EXPECT_TRUE(glob_matches("[!]x]", "y"));
  EXPECT_TRUE(glob_matches("[a-]", "-"));
  EXPECT_FALSE(glob_matches("[a", "a"));
}

TEST(Glob, IsSoundWithTheBracketsClosed) {
  for (const auto* sound : {"", "*", "a]", "[a]", "[]]", "[!]]", "[a][b]", "[[]"}) {
    EXPECT_TRUE(is_sound_glob(sound)) << sound;
  }
  for (const auto* broken : {"[", "[a", "[]", "[!]", "x[", "[a][b"}) {
    EXPECT_FALSE(is_sound_glob(broken)) << broken;
  }
}

TEST(Glob, SaysWhatFnmatchSays) {
  constexpr std::string_view kAlphabet = "ab*?-[]!";
  std::mt19937 random(20240229);
  std::uniform_int_distribution<std::size_t> letter(0, kAlphabet.size() - 1);
  std::uniform_int_distribution<std::size_t> length(0, 6);
  int matches = 0;
  for (int round = 0; round < 300'000; ++round) {
    std::string pattern;
    std::string text;
    for (std::size_t i = length(random); i > 0; --i) pattern += kAlphabet[letter(random)];
    for (std::size_t i = length(random); i > 0; --i) text += kAlphabet[letter(random)];
    // An open bracket is refused before, and a range without order has no defined answer.
    if (!is_sound_glob(pattern) || pattern.find('-') != std::string::npos) continue;
    const bool expected = fnmatch(pattern.c_str(), text.c_str(), FNM_NOESCAPE) == 0;
    ASSERT_EQ(glob_matches(pattern, text), expected) << pattern << " on " << text;
    matches += expected ? 1 : 0;
  }
  EXPECT_GT(matches, 1000);
}

// All texts over the alphabet of at most `longest` characters.
std::vector<std::string> all_texts(std::string_view alphabet, std::size_t longest) {
  std::vector<std::string> texts{""};
  for (std::size_t begin = 0, length = 0; length < longest; ++length) {
    const std::size_t end = texts.size();
    for (; begin < end; ++begin) {
      for (const char c : alphabet) texts.push_back(texts[begin] + c);
    }
  }
  return texts;
}

TEST(GlobExhaustively, StarsAndQuestionMarks) {
  const std::vector<std::string> texts = all_texts("ab", 5);
  std::size_t matches = 0;
  for (const std::string& pattern : all_texts("ab*?", 5)) {
    for (const std::string& text : texts) {
      const bool expected = naive_glob_matches(pattern, text);
      ASSERT_EQ(glob_matches(pattern, text), expected) << pattern << " on " << text;
      matches += expected ? 1 : 0;
    }
  }
  EXPECT_GT(matches, 10'000u);
}

TEST(GlobExhaustively, Brackets) {
  const std::vector<std::string> texts = all_texts("abc-]!", 2);
  std::size_t closed = 0;
  for (const std::string& inside : all_texts("ac-]![^*", 4)) {
    const std::string pattern = "[" + inside + "]";
    EXPECT_EQ(is_sound_glob(pattern), is_closed_glob(pattern)) << pattern;
    if (!is_closed_glob(pattern)) continue;
    ++closed;
    for (const std::string& text : texts) {
      ASSERT_EQ(glob_matches(pattern, text), naive_glob_matches(pattern, text))
          << pattern << " on " << text;
    }
  }
  EXPECT_GT(closed, 3'000u);
}

TEST(GlobExhaustively, OfEveryByteOneByteIsTaken) {
  for (int pattern_byte = 1; pattern_byte < 256; ++pattern_byte) {
    const char c = static_cast<char>(pattern_byte);
    if (c == '*' || c == '?' || c == '[') continue;
    for (int text_byte = 1; text_byte < 256; ++text_byte) {
      const char t = static_cast<char>(text_byte);
      ASSERT_EQ(glob_matches({&c, 1}, {&t, 1}), pattern_byte == text_byte)
          << pattern_byte << ' ' << text_byte;
    }
  }
}

// Four times the text takes four times as long; sixteen times would be the square of it, and a
// matcher that tries every place for every star would not come back.
TEST(Glob, WorkGrowsWithTheTextOnly) {
  SOCKOPT_COUNTS_INSTRUCTIONS();
  std::string stars;
  for (int i = 0; i < 10; ++i) stars += "*a";
  const auto work = [](const std::string& pattern, std::size_t length) {
    const std::string text(length, 'a');
    return static_cast<double>(count_instructions([&] { glob_matches(pattern, text); }));
  };
  for (const std::string& pattern :
       {stars + "b", "*" + std::string(15, 'a') + "b", "*" + std::string(15, '?') + "b",
        stars + "[!a]", "*[a][a][a]" + stars + "b*"}) {
    EXPECT_FALSE(glob_matches(pattern, std::string(2000, 'a'))) << pattern;
    EXPECT_LT(work(pattern, 160) / work(pattern, 40), 9) << pattern;
  }
}

}  // namespace
}  // namespace sockopt::test
