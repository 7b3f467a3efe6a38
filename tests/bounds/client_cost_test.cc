// SPDX-License-Identifier: MIT
//
// A client connection under the shim beside the same one by a program that sets the options itself.
#include <gtest/gtest.h>

#include <iostream>
#include <string>
#include <vector>

#include "tests/bounds/shim_file.h"
#include "tests/bounds/stretches.h"

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

// The program's own six calls are some fifteen instructions each before the kernel's thousands; a
// library that finds out at run time what to set, and whether the kernel took it, cannot come near
// that. What it takes more must stay a small part of what the kernel takes.
constexpr long kMostInstructions = 400;

TEST(ClientCost, InstructionsBesidesTheKernels) {
  const ShimFile shim(kSixSettings);
  const auto bare = instructions_of("connects", plain_environment());
  const auto own = instructions_of("sets and connects", plain_environment());
  const auto with = instructions_of("connects", shim.environment());
  if (!bare || !own || !with) GTEST_SKIP() << kSkipsWithoutTracing;
  std::cout << "from socket to connect: " << *bare << " instructions in user space; with six "
            << "options set by the program " << *own << ", by the shim " << *with << '\n';
  EXPECT_GT(*own, *bare);
  EXPECT_GT(*with, *bare) << "the shim was not there";
  EXPECT_LT(*with - *own, kMostInstructions);
}

}  // namespace
}  // namespace sockopt::test
