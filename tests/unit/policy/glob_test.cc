// SPDX-License-Identifier: MIT
//
// Shell patterns, held against fnmatch(3) where that says the same, and against time.
#include "shim/policy/glob.h"

#include <fnmatch.h>
#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <string>

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

TEST(Glob, NoPatternIsSlow) {
  std::string pattern;
  for (int i = 0; i < 90; ++i) pattern += "*a";
  const std::string text(100'000, 'a');
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(glob_matches(pattern + "b", text));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds{5});
}

}  // namespace
}  // namespace sockopt::test
