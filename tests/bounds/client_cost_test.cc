// SPDX-License-Identifier: MIT
//
// A client connection under the library beside the same one by a program that sets the options
// itself.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include "tests/bounds/shim_file.h"
#include "tests/bounds/stretches.h"
#include "tests/support/requirements.h"

namespace sockopt::test {
namespace {

// What `sets and connects` of victims/stretches.c does.
constexpr char kSixSettings[] =
    "[sockopt]\nkeepalive = on\nkeepidle = 60s\nkeepintvl = 10s\nkeepcnt = 5\n"
    "user_timeout = 120s\nnodelay = on\n";

TEST(ClientCost, TheVeryCallsThatTheProgramWouldMakeItself) {
  SOCKOPT_NEEDS_STRACE();
  const ShimFile shim(kSixSettings);
  const auto own = calls_of("sets and connects", plain_environment());
  ASSERT_EQ(own.size(), 8U) << "socket, six times setsockopt, connect";
  EXPECT_EQ(calls_of("connects", shim.environment()), own);
}

// Rules about other peers: each time the address has to be looked at.
TEST(ClientCost, UnderRulesTheSameCalls) {
  SOCKOPT_NEEDS_STRACE();
  const ShimFile shim(kSixSettings + rules_about_others(200));
  auto own = calls_of("sets and connects", plain_environment());
  auto under_rules = calls_of("connects from the stack", shim.environment());
  std::sort(own.begin(), own.end());
  std::sort(under_rules.begin(), under_rules.end());
  EXPECT_EQ(under_rules, own) << "in another order, as some wait for the address";

  // Where the address is not near, the kernel is asked whether it can be read.
  auto from_afar = calls_of("connects", shim.environment());
  std::sort(from_afar.begin(), from_afar.end());
  ASSERT_EQ(from_afar.size(), own.size() + 1);
  const auto asked = std::find_if(from_afar.begin(), from_afar.end(),
                                  [](const auto& call) { return call.starts_with("futex("); });
  ASSERT_NE(asked, from_afar.end());
  from_afar.erase(asked);
  EXPECT_EQ(from_afar, own);
}

// The program's own six calls are some fifteen instructions each before the kernel's thousands; a
// library that finds out at run time what to set, and whether the kernel took it, cannot come near
// that. What it takes more must stay a small part of what the kernel takes.
constexpr long kMostClientInstructions = 360;

TEST(ClientCost, InstructionsBesidesTheKernels) {
  const ShimFile shim(kSixSettings);
  const auto bare = instructions_of("connects", plain_environment());
  const auto own = instructions_of("sets and connects", plain_environment());
  const auto with = instructions_of("connects", shim.environment());
  if (!bare || !own || !with) GTEST_SKIP() << kSkipsWithoutTracing;
  std::cout << "from socket to connect: " << *bare << " instructions in user space; with six "
            << "options set by the program " << *own << ", by the library " << *with << '\n';
  EXPECT_GT(*own, *bare);
  EXPECT_GT(*with, *bare) << "the library was not there";
  EXPECT_LT(*with - *own, kMostClientInstructions);
}

}  // namespace
}  // namespace sockopt::test
