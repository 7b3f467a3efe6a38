// SPDX-License-Identifier: MIT
//
// Who wins when the program sets an option itself. Without `enforce` its own value stands; with it
// the policy's does, on every socket that the setting governs and through every name that leads to
// the option, and the program is told what the kernel says. The actor's values lie in memory that
// cannot be written to.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "tests/rules/rule_file.h"

namespace sockopt::test {
namespace {

constexpr std::string_view kRules = R"(
keepidle = 60s
nodelay = on

[rule web]
listen = 127.1.1.1
ENFORCE
keepidle = 10s
keepcnt = 3

[rule peer]
connect = 127.1.1.2
ENFORCE
keepidle = 20s
keepcnt = 4
)";

// The rules with `enforce = yes` or `no` in every section.
std::string rules_with(const std::string& enforce) {
  std::string text = "[sockopt]\nenforce = " + enforce + std::string(kRules);
  for (std::size_t at = 0; (at = text.find("ENFORCE")) != text.npos;) {
    text.replace(at, 7, "enforce = " + enforce);
  }
  return text;
}

// Sets keepidle to 7 and keepcnt to 8 on NAME, then reads them.
Script set_and_read(const std::string& name) {
  return {"set " + name + " 6 4 7", "set " + name + " 6 6 8", "get " + name + " 6 4",
          "get " + name + " 6 6"};
}

struct Case {
  const char* name;
  Script before;    ///< makes the socket `s`
  int idle, count;  ///< what the policy enforces; 0: the program's value stands
};

void PrintTo(const Case& row, std::ostream* out) { *out << row.name; }

const Script kWeb = {"socket l inet stream 0", "bind l 127.1.1.1", "listen l 5"};
const Script kPeer = {"socket p inet stream 0", "bind p 127.1.1.2", "listen p 5"};
const Script kElsewhere = {"socket o inet stream 0", "bind o 127.1.1.3", "listen o 5"};

const Case kCases[] = {
    {"Listener", kWeb + Script{"dup l s"}, 10, 3},
    {"AcceptedSocket", kWeb + Script{"client c l", "accept s l"}, 10, 3},
    {"AcceptedSocketWhoseListenerIsClosed", kWeb + Script{"client c l", "accept s l", "close l"},
     10, 3},
    {"AcceptedSocketInAForkedChild", kWeb + Script{"client c l", "accept s l", "fork", "close l"},
     10, 3},
    {"Client", kPeer + Script{"socket s inet stream 0", "connect s p"}, 20, 4},
    // The queue is full: nothing answers.
    {"ClientThatIsConnecting",
     {"socket p inet stream 0", "bind p 127.1.1.2", "listen p 0", "clients p 1", "await-queue p 1",
      "socket s inet stream|nonblock 0", "connect s p"},
     20,
     4},
    {"OtherListener", kElsewhere + Script{"dup o s"}, 60, 0},
    {"AcceptedSocketOfAnotherListener", kElsewhere + Script{"client c o", "accept s o"}, 60, 0},
    {"OtherClient", kElsewhere + Script{"socket s inet stream 0", "connect s o"}, 60, 0},
};

class Enforced : public ::testing::TestWithParam<Case> {};

TEST_P(Enforced, ThePolicysValueStands) {
  const Played played = RuleFile(rules_with("yes")).play(GetParam().before + set_and_read("s"));
  EXPECT_EQ(played.result("set s 6 4 7"), "0 errno 4242");
  EXPECT_EQ(played.result("set s 6 6 8"), "0 errno 4242");
  EXPECT_EQ(played.number("get s 6 4"), GetParam().idle);
  EXPECT_EQ(played.number("get s 6 6"), GetParam().count == 0 ? 8 : GetParam().count);
}

TEST_P(Enforced, WithoutItTheProgramsDoes) {
  const Played played = RuleFile(rules_with("no")).play(GetParam().before + set_and_read("s"));
  EXPECT_EQ(played.result("set s 6 4 7"), "0 errno 4242");
  EXPECT_EQ(played.number("get s 6 4"), 7);
  EXPECT_EQ(played.number("get s 6 6"), 8);
}

INSTANTIATE_TEST_SUITE_P(, Enforced, ::testing::ValuesIn(kCases),
                         [](const auto& row) { return row.param.name; });

TEST(Enforce, AClientThatNobodyAnswersIsReallyConnecting) {
  const Played played = RuleFile(rules_with("yes")).play(kCases[5].before + Script{"get s 6 11"});
  EXPECT_TRUE(played.result("get s 6 11").starts_with("hex:02")) << "TCP_SYN_SENT in TCP_INFO";
}

TEST(Enforce, OnAFreshSocketWhatDoesNotWait) {
  const RuleFile rules("[sockopt]\nenforce = yes\nkeepidle = 60s\nnodelay = on\n");
  const Played played = rules.play({"socket s inet stream 0", "set s 6 4 7", "set s 6 1 0",
                                    "set s 6 6 8", "get s 6 4", "get s 6 1", "get s 6 6"});
  EXPECT_EQ(played.number("get s 6 4"), 60);
  EXPECT_EQ(played.number("get s 6 1"), 1);
  EXPECT_EQ(played.number("get s 6 6"), 8) << "of this the policy says nothing";
}

TEST(Enforce, OnAFreshSocketWhatWaitsIsReplacedOnceItIsDecided) {
  const RuleFile rules(rules_with("yes"));
  const Script fresh = {"socket s inet stream 0", "set s 6 4 7"};
  EXPECT_EQ(
      rules.play(fresh + Script{"bind s 127.1.1.1", "listen s 5", "get s 6 4"}).number("get s 6 4"),
      10);
  EXPECT_EQ(rules.play(kPeer + fresh + Script{"connect s p", "get s 6 4"}).number("get s 6 4"), 20);
  EXPECT_EQ(rules.play(kElsewhere + fresh + Script{"connect s o", "get s 6 4"}).number("get s 6 4"),
            60);
}

TEST(Enforce, BelongsToTheSettingThatWins) {
  const RuleFile lenient(
      "[sockopt]\nenforce = yes\nkeepidle = 60s\nkeepcnt = 5\n"
      "[rule web]\nlisten = 127.1.1.1\nkeepidle = 10s\n");
  const Script script = kWeb + Script{"client c l", "accept s l"} + set_and_read("s");
  EXPECT_EQ(lenient.play(script).number("get s 6 4"), 7);
  EXPECT_EQ(lenient.play(script).number("get s 6 6"), 5);
  const RuleFile defaulted(
      "[sockopt]\nenforce = yes\nkeepidle = 60s\n"
      "[rule web]\nlisten = 127.1.1.1\nenforce = yes\nkeepidle = default\n");
  EXPECT_EQ(defaulted.play(script).number("get s 6 4"), 7) << "default is no value to enforce";
}

TEST(Enforce, ByVariable) {
  const RuleFile rules("[sockopt]\nkeepcnt = 5\n");
  const Script script = Script{"socket s inet stream 0"} + set_and_read("s");
  const Played with = rules.play(script, {{"ENFORCE", "1"}, {"KEEPIDLE", "60s"}});
  EXPECT_EQ(with.number("get s 6 4"), 60);
  EXPECT_EQ(with.number("get s 6 6"), 8) << "it is for the variables, not for the file";
  EXPECT_EQ(rules.play(script, {{"ENFORCE", "0"}, {"KEEPIDLE", "60s"}}).number("get s 6 4"), 7);
  EXPECT_EQ(rules.play(script, {{"KEEPIDLE", "60s"}}).number("get s 6 4"), 7);
}

TEST(Enforce, AVariableWithoutItEndsTheFiles) {
  const RuleFile rules("[sockopt]\nenforce = yes\nkeepidle = 60s\n");
  const Script script = Script{"socket s inet stream 0"} + set_and_read("s");
  EXPECT_EQ(rules.play(script, {{"KEEPIDLE", "61s"}}).number("get s 6 4"), 7);
}

// Another name for the same thing is no way around it.
TEST(Enforce, ThroughEveryNameOfTheOption) {
  const RuleFile rules(
      "[sockopt]\nenforce = yes\nrcvbuf = 64K\nsndbuf = 32K\nttl = 33\ntos = 0x10\n");
  const std::string receive = std::to_string(SO_RCVBUF);
  const std::string send = std::to_string(SO_SNDBUF);
  const Played four =
      rules.play({"socket s inet stream 0", "get s 1 " + receive,
                  "set s 1 " + std::to_string(SO_RCVBUFFORCE) + " 8192", "get s 1 " + receive,
                  "set s 1 " + std::to_string(SO_SNDBUFFORCE) + " 8192", "get s 1 " + send,
                  "set s 0 2 99", "get s 0 2"});
  EXPECT_EQ(four.number("get s 1 " + receive), 128 * 1024);
  EXPECT_EQ(four.number("get s 1 " + send), 64 * 1024);
  EXPECT_EQ(four.number("get s 0 2"), 33);
  const Played six =
      rules.play({"socket s inet6 stream 0", "set s 41 16 99", "set s 41 67 32", "set s 0 1 32",
                  "set s 0 2 99", "get s 41 16", "get s 41 67", "get s 0 1", "get s 0 2"});
  EXPECT_EQ(six.number("get s 41 16"), 33);
  EXPECT_EQ(six.number("get s 41 67"), 0x10);
  EXPECT_EQ(six.number("get s 0 1"), 0x10);
  EXPECT_EQ(six.result("set s 0 1 32"), "0 errno 4242");
}

TEST(Enforce, OneCallBecomesOneCall) {
  SOCKOPT_NEEDS_STRACE();
  const RuleFile rules("[sockopt]\nenforce = yes\nkeepidle = 60s\n");
  const NetworkCalls calls = network_calls(
      marked({"socket s inet stream 0"}, {"set s 6 4 7", "set s 6 6 8"}), rules.environment());
  EXPECT_EQ(only(calls, "set"), (NetworkCalls{"set TCP_KEEPIDLE [60]", "set TCP_KEEPCNT [8]"}));
}

TEST(Enforce, TheResultAndErrnoAreTheKernels) {
  // A value that the program may not set fails or not by the policy's value, not by its own.
  const RuleFile rules("[sockopt]\nenforce = yes\nkeepidle = 60s\ncongestion = cubic\n");
  const Played played = rules.play({"socket s inet stream 0", "set s 6 4 99999", "set-null s 6 4",
                                    "set s 6 13 7", "set s 6 5 99999", "set -1 6 4 7"});
  EXPECT_EQ(played.result("set s 6 4 99999"), "0 errno 4242");
  EXPECT_EQ(played.result("set-null s 6 4"), "0 errno 4242");
  EXPECT_EQ(played.result("set s 6 13 7"), "0 errno 4242");
  EXPECT_EQ(played.result("set s 6 5 99999"), "-1 errno 22") << "not enforced: the program's fault";
  EXPECT_EQ(played.result("set -1 6 4 7"), "-1 errno 9");
}

TEST(Enforce, AnErrorOfThePolicysValueIsWhatTheProgramSees) {
  SOCKOPT_NEEDS_ROOT();
  // mark needs CAP_NET_ADMIN, which the program has given up: its own call would have failed so
  // too.
  const RuleFile rules("[sockopt]\nlog = off\nenforce = yes\nmark = 7\n");
  const Played played = rules.play({"setuid 65534", "socket s inet stream 0", "set s 1 36 9"});
  EXPECT_EQ(played.result("set s 1 36 9"), "-1 errno 1");
}

TEST(Enforce, TheWholeLifeOfAPrivateSocketOfAnotherKindIsItsOwn) {
  const RuleFile rules("[sockopt]\nenforce = yes\nkeepalive = on\npriority = 4\ntos = 0x10\n");
  for (const std::string kind :
       {"inet dgram 0", "unix stream 0", "inet6 dgram 0", "netlink raw 0"}) {
    const Played played =
        rules.play({"socket s " + kind, "set s 1 12 2", "set s 1 9 0", "get s 1 12", "get s 1 9"});
    EXPECT_EQ(played.number("get s 1 12"), 2) << kind;
    EXPECT_EQ(played.number("get s 1 9"), 0) << kind;
  }
}

}  // namespace
}  // namespace sockopt::test
