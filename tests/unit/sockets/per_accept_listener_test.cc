// SPDX-License-Identifier: MIT
//
// Listeners whose connections lack something: `priority`, which the kernel does not hand on, and on
// MPTCP listeners what a plain TCP connection could have had.
#include <gtest/gtest.h>

#include "tests/unit/sockets/program.h"

namespace sockopt::test {
namespace {

TEST(PerAcceptListener, PriorityIsOneCallForEachConnection) {
  ShimmedProgram program("keepidle = 60s\npriority = 4\n");
  const int listener = program.socket(AF_INET);
  EXPECT_EQ(program.calls(), (Calls{"set 3 keepidle 60s", "set 3 priority 4"}));
  program.listen(listener);
  for (int i = 0; i < 3; ++i) {
    program.calls();
    const int fd = program.serve(listener);
    const std::string number = std::to_string(fd);
    EXPECT_EQ(program.calls(),
              (Calls{"get " + number + " protocol", "set " + number + " priority 4"}))
        << "the listener's number may be another socket's by now";
  }
}

TEST(PerAcceptListener, AUnixSocketOnItsNumberIsLeftAlone) {
  ShimmedProgram program("priority = 4\n");
  const int listener = program.socket(AF_INET);
  program.listen(listener);
  program.kernel.close(listener);
  ASSERT_EQ(program.inherited_listener(AF_UNIX, 5, 1, 0), listener);
  program.calls();
  EXPECT_GE(program.accept(listener), 0);
  EXPECT_EQ(program.changes(), Calls{});
}

TEST(PerAcceptListener, WithoutPriorityThereIsNone) {
  ShimmedProgram program("keepidle = 60s\npriority = default\n");
  const int listener = program.socket(AF_INET);
  program.listen(listener);
  program.calls();
  program.serve(listener);
  EXPECT_EQ(program.calls(), Calls{});
}

TEST(PerAcceptListener, PriorityOfARuleIsForItsListenersOnly) {
  ShimmedProgram program("[rule web]\nlisten = 80\npriority = 4\n");
  const int web = program.socket(AF_INET);
  program.bind(web, "0.0.0.0:80");
  program.listen(web);
  EXPECT_EQ(program.kernel.option(program.serve(web), "priority"), "4");
  const int other = program.socket(AF_INET);
  program.bind(other, "0.0.0.0:81");
  program.listen(other);
  program.calls();
  EXPECT_EQ(program.kernel.option(program.serve(other), "priority"), "-");
  EXPECT_EQ(program.calls(), Calls{}) << "the rule is not for this listener";
}

TEST(PerAcceptListener, AnAdoptedOneStaysPerAcceptWhenItsQueueIsThrough) {
  ShimmedProgram program("keepidle = 60s\npriority = 4\n");
  const int listener = program.inherited_listener(AF_INET, 5, 1);
  const int first = program.accept(listener);
  EXPECT_EQ(program.kernel.option(first, "priority"), "4");
  EXPECT_EQ(program.kernel.option(first, "keepidle"), "60s");
  EXPECT_EQ(program.accept(listener), -1);
  program.calls();
  const int fd = program.serve(listener);
  const std::string number = std::to_string(fd);
  EXPECT_EQ(program.calls(),
            (Calls{"get " + number + " protocol", "set " + number + " priority 4"}));
}

constexpr std::string_view kMptcpSettings =
    "keepidle = 60s\nuser_timeout = 30s\nnotsent_lowat = 16K\n";

TEST(PerAcceptListener, APlainConnectionOfAnMptcpListenerGetsWhatItLacks) {
  ShimmedProgram program(kMptcpSettings);
  const int listener = program.socket(AF_INET6, kMptcp);
  program.listen(listener);
  program.calls();
  const int plain = program.serve(listener, IPPROTO_TCP);
  EXPECT_EQ(program.calls(),
            (Calls{"get 4 protocol", "set 4 user_timeout 30s", "set 4 notsent_lowat 16K"}));
  EXPECT_EQ(program.kernel.option(plain, "keepidle"), "60s");
}

TEST(PerAcceptListener, AnMptcpConnectionIsAskedForItsProtocolAndNoMore) {
  ShimmedProgram program(kMptcpSettings);
  const int listener = program.socket(AF_INET6, kMptcp);
  program.listen(listener);
  program.calls();
  const int fd = program.serve(listener);
  EXPECT_EQ(program.calls(), Calls{"get 4 protocol"});
  EXPECT_EQ(program.kernel.option(fd, "notsent_lowat"), "16K") << "inherited";
}

TEST(PerAcceptListener, AnMptcpListenerThatHandsOnEverythingIsNone) {
  ShimmedProgram program("keepidle = 60s\nnodelay = on\nbacklog = 500\n");
  const int listener = program.socket(AF_INET, kMptcp);
  program.listen(listener);
  program.calls();
  program.serve(listener, IPPROTO_TCP);
  program.serve(listener);
  EXPECT_EQ(program.calls(), Calls{});
}

TEST(PerAcceptListener, AnAdoptedMptcpListener) {
  ShimmedProgram program(kMptcpSettings);
  const int listener = program.inherited_listener(AF_INET, 5, 0, kMptcp);
  program.kernel.connect_to(listener, IPPROTO_TCP);
  const int fd = program.accept(listener);
  EXPECT_EQ(program.kernel.option(fd, "keepidle"), "60s");
  EXPECT_EQ(program.kernel.option(fd, "user_timeout"), "30s");
  EXPECT_EQ(program.kernel.option(fd, "notsent_lowat"), "16K");
}

}  // namespace
}  // namespace sockopt::test
