// SPDX-License-Identifier: MIT
//
// What `sockopt check` says of rules: those that never win, settings that do nothing where they
// stand, privileges, listeners that are not matched; and that nothing is said of rules that are
// fine.
#include "tests/support/sockopt_command.h"
#include "tests/support/temporary_directory.h"

namespace sockopt::test {
namespace {

struct Case {
  std::string name;
  std::string text;
  std::string finding;  ///< empty: there is none
};

void PrintTo(const Case& one, std::ostream* out) { *out << one.name; }

class RuleFindings : public testing::TestWithParam<Case> {};

TEST_P(RuleFindings, AreSaid) {
  const TemporaryDirectory directory;
  const Finished finished = sockopt({"check", directory.write("sockopt.ini", GetParam().text)});
  EXPECT_EQ(status(finished), 0) << finished.output << finished.error;
  if (GetParam().finding.empty()) {
    EXPECT_EQ(count(finished.output, "warning: ") + count(finished.output, "note: "), 0)
        << finished.output;
  } else {
    EXPECT_TRUE(contains(finished.output, GetParam().finding));
  }
}

std::string two_rules(const std::string& first, const std::string& second) {
  return "[rule a]\n" + first + "\nnodelay = on\n[rule b]\n" + second + "\nnodelay = off\n";
}

INSTANTIATE_TEST_SUITE_P(
    Reach, RuleFindings,
    testing::Values(
        Case{"SamePort", two_rules("listen = 80", "listen = 80"), ":1:1: warning: [rule a] never"},
        Case{"WiderPorts", two_rules("listen = 80", "listen = 1-1024"), "[rule a] never wins"},
        Case{"NarrowerPorts", two_rules("listen = 1-1024", "listen = 80"), ""},
        Case{"AnyAddress", two_rules("connect = 192.0.2.1", "connect = *"), "[rule a] never wins"},
        Case{"WiderPrefix", two_rules("connect = 192.0.2.0/24", "connect = 192.0.0.0/16"),
             "[rule a] never wins"},
        Case{"NarrowerPrefix", two_rules("connect = 192.0.0.0/16", "connect = 192.0.2.0/24"), ""},
        Case{"OtherSide", two_rules("listen = 80", "connect = 80"), ""},
        Case{"OtherFamily", two_rules("connect = [2001:db8::]/32", "connect = 192.0.2.0/24"), ""},
        Case{"SameProgram", two_rules("program = nginx", "program = nginx, haproxy"),
             "[rule a] never wins"},
        Case{"FewerPrograms", two_rules("program = nginx, haproxy", "program = nginx"), ""},
        Case{"WithAnException", two_rules("listen = 80", "listen = 1-1024, !80"), ""},
        Case{"OnlyOneOfTwo",
             "[rule a]\nlisten = 80\nnodelay = on\nkeepcnt = 3\nkeepalive = on\n[rule b]\n"
             "listen = 80\nnodelay = off\n",
             ":3:1: warning: nodelay never wins here: [rule b] sets it in line 8"},
        Case{"OfThePresetTheLineWins", "[sockopt]\npreset = dead-peer\nkeepcnt = 6\n", ""}),
    [](const auto& one) { return one.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Place, RuleFindings,
    testing::Values(
        Case{"BacklogOfAConnection", "[rule a]\nconnect = 80\nbacklog = 9\n",
             ":3:1: warning: backlog does nothing here"},
        Case{"ConnectOptionOfAListener", "[rule a]\nlisten = 80\nbind_address_no_port = on\n",
             ":3:1: warning: bind_address_no_port does nothing here"},
        Case{"BindOptionOfAConnection", "[rule a]\nconnect = 80\nbind_address_no_port = on\n",
             ":3:1: warning: bind_address_no_port does nothing here: it is set at bind"},
        Case{"BindOptionOfAProgram", "[rule a]\nprogram = a\nbind_address_no_port = on\n", ""},
        Case{"Mark", "[sockopt]\nmark = 5\n", ":2:1: note: mark needs CAP_NET_ADMIN"},
        Case{"TransparentOff", "[sockopt]\ntransparent = off\n", ""},
        Case{"SpecificListener", "[rule a]\nlisten = 10.0.0.1:80\nnodelay = on\n",
             ":1:1: note: [rule a] does not match a listener that is bound to 0.0.0.0"},
        Case{"PortAlone", "[rule a]\nlisten = 80\nnodelay = on\n", ""},
        Case{"TheWildcardItself", "[rule a]\nlisten = 0.0.0.0:80, [::]:80\nnodelay = on\n", ""}),
    [](const auto& one) { return one.param.name; });

TEST(RuleFindingsStrictly, NotesAreNoFaultsAndWarningsAre) {
  const TemporaryDirectory directory;
  const std::string note = directory.write("note.ini", "[sockopt]\nmark = 5\n");
  EXPECT_EQ(status(sockopt({"check", "--strict", note})), 0);
  const std::string warning =
      directory.write("warning.ini", two_rules("listen = 80", "listen = 80"));
  EXPECT_EQ(status(sockopt({"check", "--strict", warning})), 1);
}

}  // namespace
}  // namespace sockopt::test
