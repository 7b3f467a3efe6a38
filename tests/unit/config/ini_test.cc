// SPDX-License-Identifier: MIT
//
// Lines are taken apart by a library that forgives much.  Here every line is held against what it
// plainly says, so that nothing is taken for something else.
#include "shim/config/ini.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/support/configuration.h"

namespace sockopt::test {
namespace {

// Everything that was read, in order, as lines: `2:1 [name]`, `3:1 key=value:7`.
class Events {
 public:
  explicit Events(std::string_view text) {
    read_ini(text, "test.ini", {this, &Events::section, &Events::entry}, faults_.sink());
  }

  std::vector<std::string> all;
  const std::vector<std::string>& faults() const { return faults_.lines(); }

 private:
  static void section(void* self, const IniText& name, std::uint32_t line) {
    static_cast<Events*>(self)->all.push_back(std::to_string(line) + ':' +
                                              std::to_string(name.column) + " [" +
                                              std::string(name.text) + ']');
  }
  static void entry(void* self, const IniText& key, const IniText& value, std::uint32_t line) {
    static_cast<Events*>(self)->all.push_back(
        std::to_string(line) + ':' + std::to_string(key.column) + ' ' + std::string(key.text) +
        '=' + std::string(value.text) + ':' + std::to_string(value.column));
  }

  FaultList faults_;
};

using Lines = std::vector<std::string>;

TEST(ReadIni, TellsWhereEverythingStands) {
  const Events events("; comment\n[one]\nkey = value\n\n[two]\nk=v\n");
  EXPECT_EQ(events.all, (Lines{"2:2 [one]", "3:1 key=value:7", "5:2 [two]", "6:1 k=v:3"}));
  EXPECT_TRUE(events.faults().empty());
}

TEST(ReadIni, StopsWhereNothingMoreIsWanted) {
  int entries = 0;
  FaultList faults;
  const IniHandler handler{.context = &entries,
                           .section = [](void*, const IniText&, std::uint32_t) {},
                           .entry = [](void* count, const IniText&, const IniText&,
                                       std::uint32_t) { ++*static_cast<int*>(count); },
                           .is_done = [](void* count) { return *static_cast<int*>(count) == 2; }};
  read_ini("[a]\nb = 1\nc = 2\nd = 3\nno entry at all\n", "test.ini", handler, faults.sink());
  EXPECT_EQ(entries, 2);
  EXPECT_TRUE(faults.empty());
}

TEST(ReadIni, TellsOfSectionsWithoutEntries) {
  EXPECT_EQ(Events("[a]\n[b]\n[]\n").all, (Lines{"1:2 [a]", "2:2 [b]", "3:2 []"}));
}

TEST(ReadIni, TheValueStandsBehindTheEquals) {
  EXPECT_EQ(Events("a = a\n").all, Lines{"1:1 a=a:5"});
  EXPECT_EQ(Events("ab = b = c ; d\n").all, Lines{"1:1 ab=b = c:6"});
  EXPECT_EQ(Events("a =\n").all, Lines{"1:1 a=:4"});
  EXPECT_EQ(Events("a = ; nothing\n").all, Lines{"1:1 a=:4"});
  EXPECT_EQ(Events("a=b;c#d\n").all, Lines{"1:1 a=b;c#d:3"});
}

TEST(ReadIni, ReadsNothingOfNothing) {
  for (const std::string_view text : {"", "\n", "\n\n\n", "\xef\xbb\xbf", "\r\n", ";", "#\n"}) {
    EXPECT_TRUE(Events(text).all.empty());
    EXPECT_TRUE(Events(text).faults().empty());
  }
}

// Cut at the first comment: at the start of the line or behind white space.
std::string_view without_comment(std::string_view line) {
  for (std::size_t i = 0; i < line.size(); ++i) {
    if ((line[i] == ';' || line[i] == '#') && (i == 0 || is_space(line[i - 1]))) {
      return slice(line, 0, i);
    }
  }
  return line;
}

// Lines of every composition: each is an entry that says just what the line says, a section, a
// fault, or nothing because it is empty or a comment.
TEST(ReadIni, TakesNoLineForSomethingElse) {
  using std::string_view_literals::operator""sv;
  constexpr std::string_view kAlphabet = "ab=:;#[] \t\"'\\\r\v\0=\xef\xff,"sv;
  std::mt19937 random(20240229);
  std::uniform_int_distribution<std::size_t> letter(0, kAlphabet.size() - 1);
  std::uniform_int_distribution<std::size_t> length(0, 12);
  int entries = 0;
  for (int round = 0; round < 200'000; ++round) {
    std::string line;
    for (std::size_t i = length(random); i > 0; --i) line += kAlphabet[letter(random)];
    const Events events(line + "\nend = 1");
    ASSERT_LE(events.all.size(), 2U);
    ASSERT_FALSE(events.all.empty()) << testing::PrintToString(line);
    ASSERT_EQ(events.all.back(), "2:1 end=1:7") << testing::PrintToString(line);
    const std::string_view plain = trim(without_comment(line));
    if (events.all.size() == 1) {
      ASSERT_EQ(events.faults().size(),
                plain.empty() && line.find('\0') == std::string::npos ? 0 : 1)
          << testing::PrintToString(line);
      continue;
    }
    if (plain.starts_with('[')) continue;
    ++entries;
    ASSERT_TRUE(events.faults().empty()) << testing::PrintToString(line);
    const std::size_t equals = plain.find('=');
    ASSERT_NE(equals, std::string_view::npos);
    const std::string said = std::string(trim(slice(plain, 0, equals))) + '=' +
                             std::string(trim(slice(plain, equals + 1)));
    const std::string& read = events.all.front();
    ASSERT_EQ(read.substr(4, read.rfind(':') - 4), said) << testing::PrintToString(line);
  }
  EXPECT_GT(entries, 1000);
}

TEST(ReadIni, EveryLengthOfALineIsReadWholeOrRefused) {
  for (std::size_t length = 1; length < 2 * kMaxIniLine + 100; ++length) {
    const std::string value(length, 'v');
    const Events events("k=" + value + "\nend=1\n");
    if (length + 2 <= kMaxIniLine) {
      EXPECT_EQ(events.all, (Lines{"1:1 k=" + value + ":3", "2:1 end=1:5"})) << length;
      EXPECT_TRUE(events.faults().empty());
    } else {
      EXPECT_EQ(events.all, Lines{"2:1 end=1:5"}) << length;
      EXPECT_EQ(events.faults(),
                Lines{"test.ini:1: line longer than 198 characters; split a list by repeating its "
                      "key"});
    }
  }
}

TEST(ReadIni, EveryLengthOfASectionsNameIsReadWholeOrRefused) {
  for (std::size_t length = 1; length < kMaxIniSection + 10; ++length) {
    const std::string name(length, 's');
    const Events events("[" + name + "]\n");
    if (length <= kMaxIniSection) {
      EXPECT_EQ(events.all, Lines{"1:2 [" + name + "]"});
      EXPECT_TRUE(events.faults().empty());
    } else {
      EXPECT_EQ(events.all, Lines{"1:0 []"}) << "what follows belongs to no section before it";
      EXPECT_EQ(events.faults(), Lines{"test.ini:1:2+" + std::to_string(length) +
                                       ": section name longer than 49 characters"});
    }
  }
}

// What follows a section line that cannot be read does not belong to the section before it.
TEST(ReadIni, ASectionLineThatCannotBeReadStillEndsTheOneBefore) {
  for (const std::string& line :
       {std::string("[b"), std::string("[b] x"), std::string("  [b]"), std::string("[b\0]", 4),
        std::string("[b\r] "), "[" + std::string(500, 'b') + "]"}) {
    const Events events("[a]\n" + line + "\nk = v\n");
    EXPECT_EQ(events.faults().size(), 1U) << line;
    EXPECT_EQ(events.all, (Lines{"1:2 [a]", "2:0 []", "3:1 k=v:5"})) << line;
  }
}

TEST(ReadIni, AMegabyteWithoutALineEnd) {
  const Events events(std::string(1 << 20, '['));
  EXPECT_EQ(events.faults().size(), 1U);
}

}  // namespace
}  // namespace sockopt::test
