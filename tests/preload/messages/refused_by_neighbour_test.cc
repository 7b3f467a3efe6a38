// SPDX-License-Identifier: MIT
//
// A setting that somebody else than the kernel refuses is told as that.
#include <gtest/gtest.h>

#include "tests/support/script.h"

namespace sockopt::test {
namespace {

// TCP_KEEPIDLE needs no privilege.
TEST(RefusalTest, ByAFilterIsNoMissingCapability) {
  Command command = actor({"socket s inet", "get s TCP_KEEPINTVL"},
                          variables({{"KEEPIDLE", "61s"}, {"KEEPINTVL", "9s"}}));
  command.argv.insert(command.argv.begin(), victim("refusing"));
  const Played with = play(std::move(command));
  EXPECT_EQ(with.number("get s TCP_KEEPINTVL"), 9);
  EXPECT_EQ(occurrences(with.error(),
                        "keepidle = 61s (SOCKOPT_KEEPIDLE) was not set: refused by a security "
                        "module or a seccomp filter (EPERM)\n"),
            1)
      << with.error();
}

}  // namespace
}  // namespace sockopt::test
