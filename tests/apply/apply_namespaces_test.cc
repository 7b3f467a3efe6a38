// SPDX-License-Identifier: MIT
//
// A program in a network namespace of its own has other devices than whoever calls the command.
#include <unistd.h>

#include "tests/support/requirements.h"
#include "tests/support/servers/demo_server.h"
#include "tests/support/shown_sockets.h"

namespace sockopt::test {
namespace {

constexpr const char* kTwoDevices =
    "assert os.system('ip link set lo up && ip link add sockopt-in type veth') == 0\n"
    "l = socket.create_server(('127.0.0.1', 0))\n";

class ApplyInNamespace : public testing::Test {
 protected:
  void SetUp() override {
    SOCKOPT_NEEDS_ROOT("to make namespaces");
    if (const std::string why = why_no_namespaces({"--net"}); !why.empty()) GTEST_SKIP() << why;
  }
};

TEST_F(ApplyInNamespace, DryRunKnowsTheDevicesOfTheProgram) {
  const Holder inside(kTwoDevices, {"unshare", "--net"});
  const std::vector<std::string> there = {"-o", "bindtodevice=sockopt-in", inside.word()};
  std::vector<std::string> dry_run = there;
  dry_run.emplace_back("-n");
  EXPECT_TRUE(contains(apply(dry_run).output, "1 would change, 0 would fail"));
  EXPECT_TRUE(contains(apply(there).output, "1 changed, 0 failed"));
}

TEST_F(ApplyInNamespace, DryRunDoesNotTakeTheDevicesOfTheCaller) {
  const Holder around(kTwoDevices, {"unshare", "--net"});
  const DemoServer bare;
  const auto from_there = [&](std::vector<std::string> arguments) {
    std::vector<std::string> words = {"nsenter",
                                      "--net=/proc/" + around.word() + "/ns/net",
                                      command_path(),
                                      "apply",
                                      "--no-file",
                                      "-o",
                                      "bindtodevice=sockopt-in"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    return run({.argv = words});
  };
  const Finished dry = from_there({"-n", bare.word()});
  EXPECT_EQ(status(dry), 1) << dry.output << dry.error;
  EXPECT_TRUE(contains(dry.output, "0 would change, 1 would fail"));
  EXPECT_TRUE(contains(from_there({bare.word()}).output, "0 changed, 1 failed"));
}

// What holds in one must not be taken for the other, whichever comes first.
TEST_F(ApplyInNamespace, DryRunKnowsEachOfTwo) {
  const DemoServer before;
  const Holder inside(kTwoDevices, {"unshare", "--net"});
  const DemoServer behind;
  for (const DemoServer* outside : {&before, &behind}) {
    const Finished said =
        apply({"-n", "-o", "bindtodevice=sockopt-in", inside.word(), outside->word()}, 1);
    EXPECT_TRUE(contains(said.output, "1 would change, 1 would fail"));
  }
}

}  // namespace
}  // namespace sockopt::test
