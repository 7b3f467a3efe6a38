// SPDX-License-Identifier: MIT
//
// Rules, `enforce` and `ignore` under the bpf engine: the same answers as the library gives.
#include <gtest/gtest.h>

#include "tests/bpf/engine_host.h"
#include "tests/support/script.h"

namespace sockopt::test {
namespace {

class EngineRules : public testing::Test {
 protected:
  void SetUp() override { SOCKOPT_NEEDS_ENGINE(); }

  static void play_under(const std::string& policy, const Script& script,
                         Where where = Where::current()) {
    const TestCgroup cgroup;
    cgroup.attach_quietly(policy);
    play(cgroup.inside(actor(script, plain_environment())), where);
  }
};

const Script kWeb = "socket l inet; bind l 127.1.1.1; listen l 5";
const Script kPeer = "socket p inet; bind p 127.1.1.2; listen p 5";

std::string web_and_peer(const std::string& enforce) {
  return "[sockopt]\nenforce = " + enforce + "\nkeepidle = 60s\nnodelay = on\n[rule web]\n" +
         "listen = 127.1.1.1\nenforce = " + enforce +
         "\nkeepidle = 10s\nkeepcnt = 3\n[rule peer]\nconnect = 127.1.1.2\nenforce = " + enforce +
         "\nkeepidle = 20s\nkeepcnt = 4\n";
}

TEST_F(EngineRules, ListenersAndPeersHaveTheirOwn) {
  play_under(web_and_peer("no"),
             kWeb + kPeer +
                 "client c l; accept a l; socket s inet; connect s p; listener o;"
                 "get l TCP_KEEPIDLE = 10; get a TCP_KEEPIDLE = 10; get a TCP_KEEPCNT = 3;"
                 "get s TCP_KEEPIDLE = 20; get s TCP_KEEPCNT = 4; get c TCP_KEEPIDLE = 60;"
                 "get o TCP_KEEPIDLE = 60; get p TCP_KEEPIDLE = 60; get a TCP_NODELAY = 1");
}

TEST_F(EngineRules, WhatTheProgramSetsStandsBeforeAndAfter) {
  play_under(web_and_peer("no"),
             "socket l inet; set l TCP_KEEPIDLE 7; bind l 127.1.1.1; listen l 5;"
             "client c l; accept a l; get l TCP_KEEPIDLE = 7; get l TCP_KEEPCNT = 3;"
             "get a TCP_KEEPIDLE = 7; set a TCP_KEEPCNT 8; get a TCP_KEEPCNT = 8");
}

TEST_F(EngineRules, EnforceWins) {
  play_under(web_and_peer("yes"),
             "socket l inet; set l TCP_KEEPIDLE 7; bind l 127.1.1.1; listen l 5;" + kPeer +
                 "client c l; accept a l; socket s inet; connect s p;"
                 "set a TCP_KEEPIDLE 8; set s TCP_KEEPIDLE 8; set c TCP_KEEPIDLE 8;"
                 "set a TCP_NODELAY 0; get l TCP_KEEPIDLE = 10; get a TCP_KEEPIDLE = 10;"
                 "get s TCP_KEEPIDLE = 20; get c TCP_KEEPIDLE = 60; get a TCP_NODELAY = 1");
}

TEST_F(EngineRules, EnforceAlsoHoldsOptionsThatOnlyTheProgramCanSet) {
  const TestCgroup cgroup;
  const Finished attached = cgroup.attach("[sockopt]\nenforce = yes\nttl = 33\n");
  EXPECT_EQ(status(attached), 0) << attached.error;
  play(cgroup.inside(actor("listener l; set l IP_TTL 44; get l IP_TTL = 33", plain_environment())));
}

TEST_F(EngineRules, IgnoreLeavesTheKernelsValue) {
  play_under("[sockopt]\nrcvbuf = ignore\n",
             "listener l; set l SO_RCVBUF 30000; get l SO_RCVBUF != 60000");
}

TEST_F(EngineRules, ALaterRuleCancelsIgnoreAndEnforce) {
  play_under(
      "[sockopt]\nkeepidle = ignore\nkeepcnt = 3\nenforce = yes\n[rule web]\n"
      "listen = 127.1.1.1\nkeepidle = 10s\nkeepcnt = 4\n[rule admin]\nlisten = 127.1.1.3\n"
      "keepidle = 11s\nenforce = yes\n",
      kWeb +
          "socket m inet; bind m 127.1.1.3; listen m 5; listener o;"
          "set l TCP_KEEPIDLE 7; set l TCP_KEEPCNT 8; set m TCP_KEEPIDLE 7; set m TCP_KEEPCNT 8;"
          "set o TCP_KEEPIDLE 7; set o TCP_KEEPCNT 8;"
          "get l TCP_KEEPIDLE = 7; get l TCP_KEEPCNT = 8; get m TCP_KEEPIDLE = 11;"
          "get m TCP_KEEPCNT = 3; get o TCP_KEEPIDLE != 7; get o TCP_KEEPCNT = 3");
}

// A listener that was there before is known by the address that it is bound to, and one with
// sockets of its own by what they were given.
TEST_F(EngineRules, ListenersThatWereThereAreHeldToTheirRules) {
  const TestCgroup cgroup;
  const TemporaryDirectory files;
  Process server(cgroup.inside({.argv = {"python3", "-c", R"(
import os, socket, sys, time
web = socket.create_server(("127.1.1.1", 0))
other = socket.create_server(("127.1.1.2", 0))
own = socket.socket()
own.setsockopt(6, 6, 8)
print("ready", flush=True)
def wait_for(name):
    while not os.path.exists(sys.argv[1] + "/" + name): time.sleep(0.01)
wait_for("first")
for s in (web, other): s.setsockopt(6, 4, 7)
own.setsockopt(6, 5, 9)
print(*(s.getsockopt(6, 4) for s in (web, other)), flush=True)
wait_for("second")
own.bind(("127.0.0.1", 0))
own.listen()
print(*(own.getsockopt(6, name) for name in (4, 5, 6)), flush=True)
)",
                                         files.path()}}));
  const auto await = [&](const std::string& output) {
    EXPECT_TRUE(eventually(kPatience, [&] { return server.output() == output; }))
        << server.output() << server.error();
  };
  await("ready\n");
  const std::string policy =
      "[rule web]\nlisten = 127.1.1.1\nkeepidle = 61s\nenforce = yes\n[rule all]\nlisten = "
      "127.0.0.1\nkeepidle = 62s\nkeepintvl = 5s\nkeepcnt = 3\n";
  cgroup.attach_quietly(policy);
  files.write("first", "");
  await("ready\n61 7\n");
  // What a program has set itself is known on when the policy is replaced.
  cgroup.attach_quietly(policy);
  files.write("second", "");
  // keepcnt was set before there was an attachment.
  await("ready\n61 7\n62 9 3\n");
}

TEST_F(EngineRules, DefaultCancels) {
  play_under("[sockopt]\nkeepidle = 60s\n[rule web]\nlisten = 127.1.1.1\nkeepidle = default\n",
             kWeb + "listener o; get l TCP_KEEPIDLE != 60; get o TCP_KEEPIDLE = 60");
}

TEST_F(EngineRules, LaterRulesWin) {
  play_under(
      "[rule a]\nlisten = 127.1.1.1\nkeepidle = 1s\n[rule b]\nprogram = act*\nkeepidle = 2s\n"
      "[rule c]\nlisten = 127.0.0.0/8\nkeepcnt = 3\n",
      kWeb + "get l TCP_KEEPIDLE = 2; get l TCP_KEEPCNT = 3");
}

TEST_F(EngineRules, ProgramsAreKnownByTheirExecutable) {
  play_under(
      "[rule a]\nprogram = actor\nkeepidle = 10s\n[rule b]\nprogram = act\nkeepidle = 11s\n"
      "[rule c]\nprogram = !actor\nkeepcnt = 3\n[rule d]\nprogram = [a-c]ct?r, x\nkeepintvl = 4s\n",
      "listener l; get l TCP_KEEPIDLE = 10; get l TCP_KEEPCNT != 3; get l TCP_KEEPINTVL = 4");
}

// The verifier must not follow the search through every rule.
TEST_F(EngineRules, ManyRulesWithoutAnAddress) {
  std::string policy = "[sockopt]\nkeepidle = 60s\nkeepcnt = 3\nenforce = yes\n";
  for (int i = 0; i < 400; ++i) {
    const char* const program = i % 2 == 0 ? "none*" : "act?r";
    policy += "[rule " + std::to_string(i) + "]\nprogram = " + program +
              "\nkeepidle = " + std::to_string(100 + i) + "s\nenforce = yes\n";
  }
  play_under(policy + "[rule last]\nconnect = 127.1.1.2\nkeepintvl = 4s\n",
             "listener l; client c l; get l TCP_KEEPIDLE = 499; set c TCP_KEEPIDLE 7; "
             "get c TCP_KEEPIDLE = 499; get c TCP_KEEPCNT = 3");
}

TEST_F(EngineRules, MappedPeersAreIpv4AndTheWildcardIsThisHost) {
  const TestCgroup cgroup;
  cgroup.attach_quietly(
      "[rule a]\nconnect = 127.1.1.2\nkeepidle = 10s\n[rule b]\nconnect = 127.0.0.1, [::1]\n"
      "keepidle = 11s\n");
  const Finished done = run(cgroup.inside({.argv = {"python3", "-c", R"(
import socket
server = socket.create_server(("127.1.1.2", 0))
client = socket.socket(socket.AF_INET6)
client.connect(("::ffff:127.1.1.2", server.getsockname()[1]))
found = [client.getsockopt(6, 4)]
for wildcard in "0.0.0.0", "::", "::ffff:0.0.0.0":
    family = socket.AF_INET6 if ":" in wildcard else socket.AF_INET
    server = socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)
    client = socket.socket(family)
    client.connect((wildcard, server.getsockname()[1]))
    found.append(client.getsockopt(6, 4))
print(*found)
)"}}));
  EXPECT_EQ(done.output, "10 11 11 11\n") << done.error;
}

TEST_F(EngineRules, APathOfAProgramIsSaidToMatchNothing) {
  const TestCgroup cgroup;
  const Finished attached = cgroup.attach("[rule a]\nprogram = /usr/sbin/nginx\nkeepidle = 10s\n");
  EXPECT_EQ(status(attached), 0);
  EXPECT_TRUE(contains(attached.error, "`program = /usr/sbin/nginx` matches nothing here"));
  EXPECT_TRUE(contains(attached.error, "write program = nginx"));
}

}  // namespace
}  // namespace sockopt::test
