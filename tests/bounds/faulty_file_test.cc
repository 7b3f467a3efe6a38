// SPDX-License-Identifier: MIT
//
// What a file costs that is none of ours: a log, or another program's. It is read at each start, up
// to a mebibyte of it, and of what is wrong with it only the first lines are ever shown.
#include <gtest/gtest.h>

#include <iostream>
#include <string>

#include "tests/bounds/shim_file.h"
#include "tests/bounds/stretches.h"

namespace sockopt::test {
namespace {

// Lines of one kind behind a beginning.
struct Faulty {
  const char* name;
  const char* beginning;
  const char* line;
};
void PrintTo(const Faulty& faulty, std::ostream* stream) { *stream << faulty.name; }

// As many errors as are shown, by lines that cost the least; what is counted are those behind them.
constexpr int kShown = 16;
constexpr int kMore = 8;
constexpr long kMostForALine = 7000;  // a microsecond or two

class FaultyFile : public testing::TestWithParam<Faulty> {
 protected:
  static std::optional<long> instructions(int lines) {
    std::string text;
    for (int i = 0; i < kShown; ++i) text += "=\n";
    text += GetParam().beginning;
    for (int i = 0; i < lines; ++i) text += GetParam().line;
    const ShimFile shim(text);
    return instructions_of_constructors(shim.environment());
  }
};

TEST_P(FaultyFile, CostsLittleForEachLine) {
  const auto some = instructions(1);
  const auto more = instructions(1 + kMore);
  if (!some || !more) GTEST_SKIP() << "counts the instructions of x86-64";
  const long each = (*more - *some) / kMore;
  std::cout << each << " instructions for each line\n";
  EXPECT_GT(each, 0) << "nothing was read";
  EXPECT_LT(each, kMostForALine);
}

INSTANTIATE_TEST_SUITE_P(
    , FaultyFile,
    testing::Values(Faulty{"keys_that_are_none", "[sockopt]\n", "keepalivekeepidlekeepintvl = b\n"},
                    Faulty{"keys_that_are_near", "[sockopt]\n", "keepidel = 60s\n"},
                    Faulty{"keys_of_a_rule", "[rule a]\nprogram = x\n", "listenning = 443\n"},
                    Faulty{"keys_of_a_rule_that_is_lost", "[rule a]\nprogram = x\nprogarm = y\n",
                           "progarm = 443\n"},
                    Faulty{"values", "[sockopt]\n", "keepidle = rubbish\n"},
                    Faulty{"repeated_settings", "[sockopt]\nkeepcnt = 3\n", "keepcnt = 3\n"},
                    Faulty{"repeated_rules", "[rule a]\nprogram = x\n", "[rule a]\n"},
                    Faulty{"unknown_sections", "", "[server]\nport = 80\n"},
                    Faulty{"no_file_of_this_kind", "",
                           "2026-11-30T05:49:12 nginx[812]: 10.0.0.1 GET / 200\n"}),
    [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace sockopt::test
