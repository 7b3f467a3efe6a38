// SPDX-License-Identifier: MIT
//
// The listener is what carries the options to every connection: prepared at `listen`, so that
// `accept` has nothing left to do.
#include <gtest/gtest.h>

#include <climits>

#include "tests/unit/sockets/program.h"

namespace sockopt::test {
namespace {

TEST(Listen, SetsWhatIsDueBeforeAndAfter) {
  ShimmedProgram program("keepidle = 60s\ndefer_accept = 5s\nfastopen = 256\nquickack = on\n");
  const int fd = program.socket(AF_INET);
  program.bind(fd, "0.0.0.0:80");
  program.calls();
  program.listen(fd);
  EXPECT_EQ(program.changes(),
            (Calls{"set 3 defer_accept 5s", "set 3 fastopen 256", "set 3 quickack on"}));
  EXPECT_EQ(program.kernel.option(fd, "quickack"), "on") << "listen resets it";
}

TEST(Listen, AcceptMakesNoCall) {
  ShimmedProgram program("keepalive = on\nkeepidle = 60s\nnodelay = on\nbacklog = 500\n");
  for (const int domain : {AF_INET, AF_INET6}) {
    const int listener = program.socket(domain);
    program.listen(listener);
    program.calls();
    for (int i = 0; i < 10; ++i) {
      const int fd = program.serve(listener);
      EXPECT_EQ(program.kernel.option(fd, "keepidle"), "60s");
    }
    EXPECT_EQ(program.accept(listener), -1);
    EXPECT_EQ(program.calls(), Calls{});
  }
}

int backlog_for(std::string_view settings, int asked) {
  ShimmedProgram program(settings);
  const int fd = program.socket(AF_INET);
  program.bind(fd, "0.0.0.0:80");
  program.listen(fd, asked);
  EXPECT_EQ(program.changes(), Calls{}) << "the backlog is no option";
  return program.kernel.at(fd).backlog;
}

TEST(Backlog, TheLargerOfTheTwo) {
  EXPECT_EQ(backlog_for("backlog = 500\n", 128), 500);
  EXPECT_EQ(backlog_for("backlog = 500\n", 500), 500);
  EXPECT_EQ(backlog_for("backlog = 500\n", 511), 511);
  EXPECT_EQ(backlog_for("backlog = 0\n", 0), 0);
  EXPECT_EQ(backlog_for("backlog = 0\n", 5), 5);
  EXPECT_EQ(backlog_for("backlog = max\n", 128), INT_MAX);
  EXPECT_EQ(backlog_for("backlog = max\n", INT_MAX), INT_MAX);
  EXPECT_EQ(backlog_for("backlog = default\n", 128), 128);
  EXPECT_EQ(backlog_for("ttl = default\n", -5), -5);
}

TEST(Backlog, ANegativeOneIsTheLargest) {
  EXPECT_EQ(backlog_for("backlog = 500\n", -1), -1);
  EXPECT_EQ(backlog_for("backlog = max\n", -1), -1);
  EXPECT_EQ(backlog_for("backlog = max\n", INT_MIN), INT_MIN);
}

TEST(Backlog, EnforcedItIsExactlyThePolicys) {
  EXPECT_EQ(backlog_for("enforce = yes\nbacklog = 5\n", 128), 5);
  EXPECT_EQ(backlog_for("enforce = yes\nbacklog = 5\n", -1), 5);
  EXPECT_EQ(backlog_for("enforce = yes\nbacklog = 500\n", 5), 500);
}

TEST(Backlog, OfARuleForAnAddress) {
  constexpr std::string_view kRules =
      "[sockopt]\nbacklog = 200\n[rule web]\nlisten = 80\nbacklog = 500\n"
      "[rule small]\nlisten = 81\nenforce = yes\nbacklog = 3\n";
  ShimmedProgram program(kRules);
  const auto backlog_at = [&program](std::string_view address) {
    const int fd = program.socket(AF_INET);
    program.bind(fd, address);
    program.listen(fd, 100);
    return program.kernel.at(fd).backlog;
  };
  EXPECT_EQ(backlog_at("0.0.0.0:80"), 500);
  EXPECT_EQ(backlog_at("0.0.0.0:81"), 3);
  EXPECT_EQ(backlog_at("0.0.0.0:82"), 200);
}

TEST(Listen, AgainRaisesTheBacklogAndSetsNothing) {
  ShimmedProgram program("keepidle = 60s\ndefer_accept = 5s\nbacklog = 500\n");
  const int fd = program.socket(AF_INET);
  program.listen(fd, 5);
  program.calls();
  program.listen(fd, 10);
  EXPECT_EQ(program.changes(), Calls{});
  EXPECT_EQ(program.kernel.at(fd).backlog, 500);
}

TEST(ListenRule, IsDecidedByTheBoundAddress) {
  ShimmedProgram program(
      "[sockopt]\nkeepidle = 60s\n[rule web]\nlisten = 80\nkeepidle = 10s\ndefer_accept = 5s\n");
  const int web = program.socket(AF_INET);
  EXPECT_EQ(program.calls(), Calls{"set 3 keepidle 60s"}) << "until the rule replaces it";
  program.bind(web, "0.0.0.0:80");
  program.listen(web);
  EXPECT_EQ(program.kernel.option(web, "keepidle"), "10s");
  EXPECT_EQ(program.kernel.option(web, "defer_accept"), "5s");
  const int other = program.socket(AF_INET);
  program.bind(other, "0.0.0.0:81");
  program.listen(other);
  EXPECT_EQ(program.kernel.option(other, "keepidle"), "60s");
  EXPECT_EQ(program.changes().back(), "set 4 keepidle 60s") << "once";
  EXPECT_EQ(program.kernel.option(other, "defer_accept"), "-");
  program.calls();
  EXPECT_EQ(program.kernel.option(program.serve(web), "keepidle"), "10s");
  EXPECT_EQ(program.calls(), Calls{});
}

TEST(ListenRule, WhatMustPrecedeBindIsSetBeforeIt) {
  ShimmedProgram program(
      "[rule web]\nlisten = [::]:80\nreuseport = on\nv6only = on\nfreebind = on\n"
      "bindtodevice = eth0\nnodelay = on\n");
  const int fd = program.socket(AF_INET6);
  EXPECT_EQ(program.changes(), Calls{});
  program.bind(fd, "[::]:80");
  EXPECT_EQ(program.changes(), (Calls{"set 3 reuseport on", "set 3 v6only on",
                                      "set 3 freebind/6 on", "set 3 bindtodevice eth0"}));
  EXPECT_TRUE(program.refused().empty());
  const int other = program.socket(AF_INET6);
  program.bind(other, "[::]:81");
  EXPECT_EQ(program.changes(), Calls{});
}

TEST(ListenRule, OfASocketThatIsNotBoundIsDecidedAfterListen) {
  ShimmedProgram program("[rule any]\nlisten = 40000\nkeepidle = 10s\nbacklog = 500\n");
  const int fd = program.socket(AF_INET);
  program.listen(fd, 5);
  EXPECT_EQ(program.kernel.option(fd, "keepidle"), "10s");
  EXPECT_EQ(program.kernel.at(fd).backlog, 500);
}

TEST(ListenRule, AListenerBoundToAWildcardIsNotMatchedByAnAddress) {
  ShimmedProgram program("[rule a]\nlisten = 10.0.0.1:80, 10.0.0.0/8\nkeepidle = 10s\n");
  const int fd = program.socket(AF_INET);
  program.bind(fd, "0.0.0.0:80");
  program.listen(fd);
  EXPECT_EQ(program.kernel.option(fd, "keepidle"), "-");
}

TEST(ListenRule, ConnectRulesAreNotForListeners) {
  ShimmedProgram program("[rule a]\nconnect = 80\nkeepidle = 10s\n");
  const int fd = program.socket(AF_INET);
  program.bind(fd, "0.0.0.0:80");
  program.listen(fd);
  EXPECT_EQ(program.kernel.option(fd, "keepidle"), "-");
}

}  // namespace
}  // namespace sockopt::test
