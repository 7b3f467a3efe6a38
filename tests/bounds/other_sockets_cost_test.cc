// SPDX-License-Identifier: MIT
//
// What a socket that is none of TCP's, or a file, costs more under the library, however many rules
// there are: no system call, and always the same few instructions.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <iostream>
#include <string>

#include "tests/bounds/shim_file.h"
#include "tests/bounds/stretches.h"
#include "tests/support/requirements.h"

namespace sockopt::test {
namespace {

// A stretch of victims/stretches.c, and what the library may add to its instructions: as much as it
// is with GCC 12, for a library that is optimized for size, and some more. None where it hooks
// nothing.
struct Other {
  const char* stretch;
  std::size_t calls;
  long most_instructions;
};
void PrintTo(const Other& other, std::ostream* stream) { *stream << other.stretch; }

std::string rules(int count) {
  return "[sockopt]\nkeepidle = 60s\nnodelay = on\n" + rules_about_others(count);
}

class OtherSocketsCost : public testing::TestWithParam<Other> {};

TEST_P(OtherSocketsCost, NoSystemCall) {
  SOCKOPT_NEEDS_STRACE();
  const ShimFile shim(rules(200));
  const auto without = calls_of(GetParam().stretch, plain_environment());
  ASSERT_EQ(without.size(), GetParam().calls);
  EXPECT_EQ(calls_of(GetParam().stretch, shim.environment()), without);
}

TEST_P(OtherSocketsCost, TheSameFewInstructionsForTwoRulesAndTwoHundred) {
  const ShimFile two(rules(2));
  const ShimFile two_hundred(rules(200));
  const auto without = instructions_of(GetParam().stretch, plain_environment());
  const auto few = instructions_of(GetParam().stretch, two.environment());
  const auto many = instructions_of(GetParam().stretch, two_hundred.environment());
  if (!without || !few || !many) GTEST_SKIP() << kSkipsWithoutTracing;
  std::cout << GetParam().stretch << ": " << *many - *without
            << " instructions more under 200 rules (without: " << *without << ")\n";
  EXPECT_EQ(*many, *few);
  EXPECT_LE(*many - *without, GetParam().most_instructions);
  if (GetParam().most_instructions > 0) {
    EXPECT_GT(*many, *without) << "the library was not there";
  }
}

INSTANTIATE_TEST_SUITE_P(, OtherSocketsCost,
                         testing::Values(Other{"udp", 2, 200}, Other{"udp6", 2, 200},
                                         Other{"udp connects", 3, 450}, Other{"unix", 2, 200},
                                         Other{"accepts unix", 1, 110}, Other{"pipe", 3, 0},
                                         Other{"file", 2, 0}),
                         [](const auto& tested) {
                           std::string name = tested.param.stretch;
                           std::replace(name.begin(), name.end(), ' ', '_');
                           return name;
                         });

}  // namespace
}  // namespace sockopt::test
