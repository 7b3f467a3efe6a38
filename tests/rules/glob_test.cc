// SPDX-License-Identifier: MIT
//
// Shell patterns of program names: every short pattern on every short text against a definition
// that is too slow to ship, bracket ranges among them, and no pattern that takes more than
// time in proportion to the text.
#include "shim/policy/glob.h"

#include <gtest/gtest.h>
#include <time.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "tests/rules/naive_glob.h"

namespace sockopt::test {
namespace {

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

double seconds_to_match(std::string_view pattern, std::string_view text) {
  double best = 1e9;
  for (int i = 0; i < 5; ++i) {
    timespec begin{};
    timespec end{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
    EXPECT_FALSE(glob_matches(pattern, text)) << pattern;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
    best = std::min(best, static_cast<double>(end.tv_sec - begin.tv_sec) +
                              1e-9 * static_cast<double>(end.tv_nsec - begin.tv_nsec));
  }
  return best;
}

// Four times the text takes four times as long; sixteen times would be the square of it, and a
// matcher that tries every place for every star would not come back.
TEST(GlobExhaustively, TimeGrowsWithTheTextOnly) {
  std::string stars;
  for (int i = 0; i < 60; ++i) stars += "*a";
  for (const std::string& pattern :
       {stars + "b", "*" + std::string(90, 'a') + "b", "*" + std::string(90, '?') + "b",
        stars + "[!a]", "*[a][a][a]" + stars + "b*"}) {
    const std::string text(20'000, 'a');
    const std::string longer(80'000, 'a');
    const double ratio = seconds_to_match(pattern, longer) / seconds_to_match(pattern, text);
    EXPECT_LT(ratio, 9) << pattern;
  }
}

}  // namespace
}  // namespace sockopt::test
