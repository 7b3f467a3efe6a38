// SPDX-License-Identifier: MIT
//
// What a socket that is none of TCP's costs more under the shim, however many rules there are: no
// system call, and always the same few instructions.
#include <gtest/gtest.h>

#include <iostream>
#include <string>

#include "tests/bounds/shim_file.h"
#include "tests/bounds/stretches.h"

namespace sockopt::test {
namespace {

// 125 to 136 with GCC 12, for a library that is optimized for size.
constexpr long kMostInstructions = 200;

std::string rules(int count) {
  std::string text = "[sockopt]\nkeepidle = 60s\nnodelay = on\n";
  for (int i = 0; i < count; ++i) {
    const std::string number = std::to_string(i);
    text += "[rule r" + number + "]\n" + (i % 2 == 0 ? "listen = " : "connect = 10.0.0.0/8:") +
            std::to_string(1000 + i) + "\nkeepidle = 20s\nkeepcnt = 3\nnodelay = off\n";
  }
  return text;
}

class OtherSocketsCost : public testing::TestWithParam<const char*> {};

TEST_P(OtherSocketsCost, NoSystemCall) {
  SOCKOPT_NEEDS_STRACE();
  const ShimFile shim(rules(200));
  const auto without = calls_of(GetParam(), plain_environment());
  ASSERT_EQ(without.size(), 2U) << "socket and close";
  EXPECT_EQ(calls_of(GetParam(), shim.environment()), without);
}

TEST_P(OtherSocketsCost, TheSameFewInstructionsForTwoRulesAndTwoHundred) {
  const ShimFile two(rules(2));
  const ShimFile two_hundred(rules(200));
  const auto without = instructions_of(GetParam(), plain_environment());
  const auto few = instructions_of(GetParam(), two.environment());
  const auto many = instructions_of(GetParam(), two_hundred.environment());
  if (!without || !few || !many) GTEST_SKIP() << kSkipsWithoutTracing;
  std::cout << GetParam() << ": socket and close take " << *many - *without
            << " instructions more under 200 rules (without: " << *without << ")\n";
  EXPECT_EQ(*many, *few);
  EXPECT_GT(*many, *without) << "the shim was not there";
  EXPECT_LT(*many - *without, kMostInstructions);
}

INSTANTIATE_TEST_SUITE_P(, OtherSocketsCost, testing::Values("udp", "udp6", "unix"),
                         [](const auto& stretch) { return std::string(stretch.param); });

}  // namespace
}  // namespace sockopt::test
