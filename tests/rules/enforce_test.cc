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

#include "tests/support/requirements.h"
#include "tests/support/rule_file.h"

namespace sockopt::test {
namespace {

constexpr std::string_view kEnforcedRules = R"(
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
  std::string text = "[sockopt]\nenforce = " + enforce + std::string(kEnforcedRules);
  for (std::size_t at = 0; (at = text.find("ENFORCE")) != text.npos;) {
    text.replace(at, 7, "enforce = " + enforce);
  }
  return text;
}

// Sets keepidle to 7 and keepcnt to 8 on NAME, then reads them.
Script set_and_read(const std::string& name) {
  return {"set " + name + " TCP_KEEPIDLE 7", "set " + name + " TCP_KEEPCNT 8",
          "get " + name + " TCP_KEEPIDLE", "get " + name + " TCP_KEEPCNT"};
}

struct Case {
  const char* name;
  Script before;    ///< makes the socket `s`
  int idle, count;  ///< what the policy enforces; 0: the program's value stands
};

void PrintTo(const Case& row, std::ostream* out) { *out << row.name; }

const Script kWeb = "socket l inet; bind l 127.1.1.1; listen l 5";
const Script kPeer = "socket p inet; bind p 127.1.1.2; listen p 5";
const Script kElsewhere = "socket o inet; bind o 127.1.1.3; listen o 5";

const Case kCases[] = {
    {"Listener", kWeb + "dup l s", 10, 3},
    {"AcceptedSocket", kWeb + "client c l; accept s l", 10, 3},
    {"AcceptedSocketWhoseListenerIsClosed", kWeb + "client c l; accept s l; close l", 10, 3},
    {"AcceptedSocketInAForkedChild", kWeb + "client c l; accept s l; fork; close l", 10, 3},
    {"Client", kPeer + "socket s inet; connect s p", 20, 4},
    // The queue is full: nothing answers.
    {"ClientThatIsConnecting",
     "socket p inet; bind p 127.1.1.2; listen p 0; clients p 1; await-queue p 1; "
     "socket s inet stream|nonblock; connect s p",
     20, 4},
    {"OtherListener", kElsewhere + "dup o s", 60, 0},
    {"AcceptedSocketOfAnotherListener", kElsewhere + "client c o; accept s o", 60, 0},
    {"OtherClient", kElsewhere + "socket s inet; connect s o", 60, 0},
};

class Enforced : public ::testing::TestWithParam<Case> {};

TEST_P(Enforced, ThePolicysValueStands) {
  const Played played = RuleFile(rules_with("yes")).play(GetParam().before + set_and_read("s"));
  EXPECT_EQ(played.result("set s TCP_KEEPIDLE 7"), "0");
  EXPECT_EQ(played.result("set s TCP_KEEPCNT 8"), "0");
  EXPECT_EQ(played.number("get s TCP_KEEPIDLE"), GetParam().idle);
  EXPECT_EQ(played.number("get s TCP_KEEPCNT"), GetParam().count == 0 ? 8 : GetParam().count);
}

TEST_P(Enforced, WithoutItTheProgramsDoes) {
  const Played played = RuleFile(rules_with("no")).play(GetParam().before + set_and_read("s"));
  EXPECT_EQ(played.result("set s TCP_KEEPIDLE 7"), "0");
  EXPECT_EQ(played.number("get s TCP_KEEPIDLE"), 7);
  EXPECT_EQ(played.number("get s TCP_KEEPCNT"), 8);
}

INSTANTIATE_TEST_SUITE_P(, Enforced, ::testing::ValuesIn(kCases),
                         [](const auto& row) { return row.param.name; });

TEST(Enforce, AClientThatNobodyAnswersIsReallyConnecting) {
  const Played played = RuleFile(rules_with("yes")).play(kCases[5].before + "get s TCP_INFO");
  EXPECT_TRUE(played.result("get s TCP_INFO").starts_with("hex:02")) << "TCP_SYN_SENT in TCP_INFO";
}

TEST(Enforce, OnAFreshSocketWhatDoesNotWait) {
  const RuleFile rules("[sockopt]\nenforce = yes\nkeepidle = 60s\nnodelay = on\n");
  const Played played = rules.play(
      "socket s inet; set s TCP_KEEPIDLE 7; set s TCP_NODELAY 0; set s TCP_KEEPCNT 8; "
      "get s TCP_KEEPIDLE = 60; get s TCP_NODELAY = 1; get s TCP_KEEPCNT");
  EXPECT_EQ(played.number("get s TCP_KEEPCNT"), 8) << "of this the policy says nothing";
}

// A call that was made cannot be taken back: until it is decided, the rules without an address
// hold.
TEST(Enforce, IgnoredAreCallsUnlessARuleSaysOtherwise) {
  const std::string base = "[sockopt]\nkeepidle = ignore\n";
  const std::string web = "[rule web]\nlisten = 127.1.1.1\n";
  const Script bound = "socket l inet; bind l 127.1.1.1; set l TCP_KEEPIDLE 7";
  RuleFile(base + web + "keepidle = 10s\n")
      .play(bound +
            "get l TCP_KEEPIDLE != 7; listen l 5; get l TCP_KEEPIDLE = 10; "
            "set l TCP_KEEPIDLE 8; get l TCP_KEEPIDLE = 8");
  RuleFile(web + "keepidle = ignore\n")
      .play(bound +
            "get l TCP_KEEPIDLE = 7; listen l 5; set l TCP_KEEPIDLE 8; "
            "get l TCP_KEEPIDLE = 7; client c l; accept a l; set a TCP_KEEPIDLE 9; "
            "get a TCP_KEEPIDLE = 7; set c TCP_KEEPIDLE 9; get c TCP_KEEPIDLE = 9");
  RuleFile(base + "[rule peer]\nconnect = 127.1.1.2\nkeepidle = 20s\n")
      .play(kPeer + kWeb +
            "socket c inet; connect c p; set c TCP_KEEPIDLE 9; get c TCP_KEEPIDLE = 9; socket d "
            "inet; connect d l; "
            "set d TCP_KEEPIDLE 9; get d TCP_KEEPIDLE != 9; accept a p; set a TCP_KEEPIDLE 9; "
            "get a TCP_KEEPIDLE != 9");
}

// It need not enforce anything itself.
TEST(Enforce, EndsWhereARuleForTheAddressHasAnotherValue) {
  const RuleFile rules(
      "[sockopt]\nkeepidle = 60s\nenforce = yes\n[rule web]\nlisten = 127.1.1.1\n"
      "keepidle = 10s\nenforce = no\n[rule peer]\nconnect = 127.1.1.2\nkeepidle = 20s\n"
      "enforce = no\n");
  rules.play(kWeb + kPeer +
             "socket s inet; bind s 127.1.1.1; connect s p; set s TCP_KEEPIDLE 7; "
             "get s TCP_KEEPIDLE = 7; client c l; accept a l; set a TCP_KEEPIDLE 8; "
             "get a TCP_KEEPIDLE = 8; socket d inet; connect d l; set d TCP_KEEPIDLE 9; "
             "get d TCP_KEEPIDLE = 60; "
             "set p TCP_KEEPIDLE 9; get p TCP_KEEPIDLE = 60");
}

TEST(Enforce, OnAFreshSocketWhatWaitsIsReplacedOnceItIsDecided) {
  const RuleFile rules(rules_with("yes"));
  const Script fresh = "socket s inet; set s TCP_KEEPIDLE 7";
  EXPECT_EQ(rules.play(fresh + "bind s 127.1.1.1; listen s 5; get s TCP_KEEPIDLE")
                .number("get s TCP_KEEPIDLE"),
            10);
  EXPECT_EQ(
      rules.play(kPeer + fresh + "connect s p; get s TCP_KEEPIDLE").number("get s TCP_KEEPIDLE"),
      20);
  EXPECT_EQ(rules.play(kElsewhere + fresh + "connect s o; get s TCP_KEEPIDLE")
                .number("get s TCP_KEEPIDLE"),
            60);
}

TEST(Enforce, BelongsToTheSettingThatWins) {
  const RuleFile lenient(
      "[sockopt]\nenforce = yes\nkeepidle = 60s\nkeepcnt = 5\n"
      "[rule web]\nlisten = 127.1.1.1\nkeepidle = 10s\n");
  const Script script = kWeb + Script("client c l; accept s l") + set_and_read("s");
  EXPECT_EQ(lenient.play(script).number("get s TCP_KEEPIDLE"), 7);
  EXPECT_EQ(lenient.play(script).number("get s TCP_KEEPCNT"), 5);
  const RuleFile defaulted(
      "[sockopt]\nenforce = yes\nkeepidle = 60s\n"
      "[rule web]\nlisten = 127.1.1.1\nenforce = yes\nkeepidle = default\n");
  EXPECT_EQ(defaulted.play(script).number("get s TCP_KEEPIDLE"), 7)
      << "default is no value to enforce";
  // Before the address is known, the setting that wins is not.
  const Script early = "socket s inet; set s TCP_KEEPIDLE 7; bind s 127.1.1.1; listen s 5";
  for (const RuleFile* rules : {&lenient, &defaulted}) {
    EXPECT_EQ(rules->play(early + "get s TCP_KEEPIDLE").number("get s TCP_KEEPIDLE"), 7);
  }
}

TEST(Enforce, ByVariable) {
  const RuleFile rules("[sockopt]\nkeepcnt = 5\n");
  const Script script = Script("socket s inet") + set_and_read("s");
  const Played with = rules.play(script, {{"ENFORCE", "1"}, {"KEEPIDLE", "60s"}});
  EXPECT_EQ(with.number("get s TCP_KEEPIDLE"), 60);
  EXPECT_EQ(with.number("get s TCP_KEEPCNT"), 8) << "it is for the variables, not for the file";
  EXPECT_EQ(
      rules.play(script, {{"ENFORCE", "0"}, {"KEEPIDLE", "60s"}}).number("get s TCP_KEEPIDLE"), 7);
  EXPECT_EQ(rules.play(script, {{"KEEPIDLE", "60s"}}).number("get s TCP_KEEPIDLE"), 7);
}

TEST(Enforce, AVariableWithoutItEndsTheFiles) {
  const RuleFile rules("[sockopt]\nenforce = yes\nkeepidle = 60s\n");
  const Script script = Script("socket s inet") + set_and_read("s");
  EXPECT_EQ(rules.play(script, {{"KEEPIDLE", "61s"}}).number("get s TCP_KEEPIDLE"), 7);
}

// Another name for the same thing is no way around it.
TEST(Enforce, ThroughEveryNameOfTheOption) {
  const RuleFile rules(
      "[sockopt]\nenforce = yes\nrcvbuf = 64K\nsndbuf = 32K\nttl = 33\ntos = 0x10\n");
  const Played four = rules.play(
      "socket s inet; get s SO_RCVBUF; set s SO_RCVBUFFORCE 8192; get s SO_RCVBUF; "
      "set s SO_SNDBUFFORCE 8192; get s SO_SNDBUF; set s IP_TTL 99; get s IP_TTL");
  EXPECT_EQ(four.number("get s SO_RCVBUF"), 128 * 1024);
  EXPECT_EQ(four.number("get s SO_SNDBUF"), 64 * 1024);
  EXPECT_EQ(four.number("get s IP_TTL"), 33);
  rules.play(
      "socket s inet6; set s IPV6_UNICAST_HOPS 99; set s IPV6_TCLASS 32; "
      "set s IP_TOS 32 = 0; set s IP_TTL 99; get s IPV6_UNICAST_HOPS = 33; "
      "get s IPV6_TCLASS = 16; get s IP_TOS = 16; get s IP_TTL");
}

// With privileges, SO_RCVBUFFORCE goes beyond the host's limit: the policy does not ask for that.
TEST(Enforce, AValueIsSetByTheNameThatThePolicyHas) {
  const std::string read = "get s SO_RCVBUF";
  const int most = play_plainly("socket s inet; set s SO_RCVBUF 536870912; " + read).number(read);
  const RuleFile rules("[sockopt]\nenforce = yes\nrcvbuf = 512M\n");
  rules.play("socket s inet; set s SO_RCVBUFFORCE 8192; " + read + " = " + std::to_string(most));
}

TEST(Enforce, OneCallBecomesOneCall) {
  SOCKOPT_NEEDS_STRACE();
  const RuleFile rules("[sockopt]\nenforce = yes\nkeepidle = 60s\n");
  const NetworkCalls calls = network_calls(
      marked("socket s inet", "set s TCP_KEEPIDLE 7; set s TCP_KEEPCNT 8"), rules.environment());
  EXPECT_EQ(only(calls, "set"), (NetworkCalls{"set TCP_KEEPIDLE [60]", "set TCP_KEEPCNT [8]"}));
}

TEST(Enforce, TheResultAndErrnoAreTheKernels) {
  // A value that the program may not set fails or not by the policy's value, not by its own.
  const RuleFile rules("[sockopt]\nenforce = yes\nkeepidle = 60s\ncongestion = cubic\n");
  const Played played = rules.play(
      "socket s inet; set s TCP_KEEPIDLE 99999 = 0; set-null s TCP_KEEPIDLE = 0; "
      "set s TCP_CONGESTION 7 = 0; set s TCP_KEEPINTVL 99999; "
      "set -1 TCP_KEEPIDLE 7 = -1 EBADF");
  EXPECT_EQ(played.result("set s TCP_KEEPINTVL 99999"), "-1 EINVAL")
      << "not enforced: the program's fault";
}

TEST(Enforce, AnErrorOfThePolicysValueIsWhatTheProgramSees) {
  SOCKOPT_NEEDS_ROOT("to be other users");
  // mark needs CAP_NET_ADMIN, which the program has given up: its own call would have failed so
  // too.
  const RuleFile rules("[sockopt]\nlog = off\nenforce = yes\nmark = 7\n");
  rules.play("setuid 65534; socket s inet; set s SO_MARK 9 = -1 EPERM");
}

TEST(Enforce, TheWholeLifeOfAPrivateSocketOfAnotherKindIsItsOwn) {
  const RuleFile rules("[sockopt]\nenforce = yes\nkeepalive = on\npriority = 4\ntos = 0x10\n");
  for (const std::string kind : {"inet dgram", "unix stream", "inet6 dgram", "netlink raw"}) {
    const Played played =
        rules.play({"socket s " + kind, "set s SO_PRIORITY 2", "set s SO_KEEPALIVE 0",
                    "get s SO_PRIORITY", "get s SO_KEEPALIVE"});
    EXPECT_EQ(played.number("get s SO_PRIORITY"), 2) << kind;
    EXPECT_EQ(played.number("get s SO_KEEPALIVE"), 0) << kind;
  }
}

}  // namespace
}  // namespace sockopt::test
