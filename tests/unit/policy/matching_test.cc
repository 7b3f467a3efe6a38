// SPDX-License-Identifier: MIT
//
// What a rule's lists match: any of a list, none of its exclusions, and all lists of the rule.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/support/configuration.h"

namespace sockopt::test {
namespace {

bool program_matches(std::string_view lines, std::string_view path) {
  const Configuration read("[rule a]\n" + std::string(lines));
  EXPECT_TRUE(read.faults().empty()) << read.rendered();
  const auto program = std::make_unique<Program>();
  program->set(path, path, {});
  return read.policy().matches_program(read.policy().rule(0), *program);
}

Address parsed(std::string_view text) {
  Address result;
  TextOf<200> error;
  EXPECT_TRUE(parse_address(text, result, error)) << text;
  return result;
}

bool listen_matches(std::string_view lines, std::string_view where) {
  const Configuration read("[rule a]\n" + std::string(lines));
  EXPECT_TRUE(read.faults().empty()) << read.rendered();
  return read.policy().matches_listen(read.policy().rule(0), parsed(where));
}

TEST(MatchesProgram, AnyOfTheList) {
  for (const auto* path : {"/usr/sbin/nginx", "/usr/sbin/haproxy", "/opt/apache2"}) {
    EXPECT_TRUE(program_matches("program = nginx, haproxy\nprogram = apache*\n", path)) << path;
  }
  EXPECT_FALSE(program_matches("program = nginx, haproxy\n", "/usr/sbin/redis"));
}

TEST(MatchesProgram, NoneOfTheExclusionsWhateverTheirPlace) {
  for (const auto* lines : {"program = nginx*, !nginx-debug\n", "program = !nginx-debug, nginx*\n",
                            "program = nginx*\nprogram = !*-debug\n"}) {
    EXPECT_TRUE(program_matches(lines, "/usr/sbin/nginx")) << lines;
    EXPECT_FALSE(program_matches(lines, "/usr/sbin/nginx-debug")) << lines;
    EXPECT_FALSE(program_matches(lines, "/usr/sbin/redis")) << lines;
  }
}

TEST(MatchesProgram, ExclusionsAloneLeaveAllOthers) {
  EXPECT_TRUE(program_matches("program = !sshd, !*tor\n", "/usr/sbin/nginx"));
  EXPECT_FALSE(program_matches("program = !sshd, !*tor\n", "/usr/sbin/sshd"));
  EXPECT_FALSE(program_matches("program = !sshd, !*tor\n", "/usr/bin/tor"));
}

TEST(MatchesProgram, ARuleThatNamesNoneMatchesEach) {
  EXPECT_TRUE(program_matches("listen = 80\n", "/usr/sbin/nginx"));
}

TEST(MatchesListen, AnyOfTheListAndNoneOfItsExclusions) {
  const auto* lines = "listen = 80, 10.0.0.0/8:443\nlisten = !10.0.0.1, !192.0.2.1:80\n";
  EXPECT_TRUE(listen_matches(lines, "0.0.0.0:80"));
  EXPECT_TRUE(listen_matches(lines, "10.0.0.2:443"));
  EXPECT_FALSE(listen_matches(lines, "10.0.0.1:443"));
  EXPECT_FALSE(listen_matches(lines, "10.0.0.1:80"));
  EXPECT_FALSE(listen_matches(lines, "192.0.2.1:80"));
  EXPECT_FALSE(listen_matches(lines, "192.0.2.1:443"));
  EXPECT_TRUE(listen_matches("listen = !22\n", "0.0.0.0:80"));
  EXPECT_FALSE(listen_matches("listen = !22\n", "0.0.0.0:22"));
}

TEST(MatchesListen, NotByTheListOfTheOtherSide) {
  EXPECT_FALSE(listen_matches("connect = 80\n", "0.0.0.0:80"));
  EXPECT_FALSE(listen_matches("program = nginx\n", "0.0.0.0:80"));
}

TEST(MatchesListen, ASocketWithoutAnAddressIsNotMatched) {
  const Configuration read("[rule a]\nlisten = *\n[rule b]\nlisten = !22\n");
  EXPECT_FALSE(read.policy().matches_listen(read.policy().rule(0), Address()));
}

// Patterns of a rule stand together in the policy, in whatever order the file has them.
TEST(MatchesListen, ListsThatAreWrittenInTurnsStayApart) {
  const Configuration read(
      "[rule a]\nlisten = 1\nconnect = 11\nlisten = 2\nconnect = 12\nlisten = 3\n"
      "[rule b]\nconnect = 21\nlisten = 31\nconnect = 22\n");
  EXPECT_EQ(read.faults().size(), 2U);
  for (int port = 1; port < 40; ++port) {
    const Address where = parsed("0.0.0.0:" + std::to_string(port));
    const Policy& policy = read.policy();
    EXPECT_EQ(policy.matches_listen(policy.rule(0), where), port <= 3) << port;
    EXPECT_EQ(policy.matches_connect(policy.rule(0), where), port == 11 || port == 12) << port;
    EXPECT_EQ(policy.matches_listen(policy.rule(1), where), port == 31) << port;
    EXPECT_EQ(policy.matches_connect(policy.rule(1), where), port == 21 || port == 22) << port;
  }
}

}  // namespace
}  // namespace sockopt::test
