// SPDX-License-Identifier: MIT
//
// The policy of a process beside what it would read now.
#include "tools/sockopt/diagnosis/held.h"

#include "tests/doctor/findings.h"

namespace sockopt::test {
namespace {

ReachFacts reach() {
  ReachFacts facts;
  facts.pid = 812;
  facts.apply = "sockopt apply 812";
  facts.unit = "nginx.service";
  return facts;
}

HeldFacts held() {
  HeldFacts facts;
  facts.idle = false;
  facts.readable = true;
  facts.version = SOCKOPT_VERSION;
  facts.settings = 3;
  facts.files = {{"/etc/a.ini", 1}, {"/etc/b.ini", 2}};
  return facts;
}

std::string found(const HeldFacts& facts, const std::vector<ReadFile>& files) {
  return lines(examine_held(facts, {files, true, false}, reach()));
}

TEST(Held, IsAsTheFilesAre) {
  EXPECT_EQ(found(held(), {{"/etc/a.ini", 1}, {"/etc/b.ini", 2}}),
            "ok policy: its policy is up to date: 3 settings of /etc/a.ini, /etc/b.ini\n");
  HeldFacts both = held();
  both.rules = 2;
  both.variables = 1;
  EXPECT_EQ(found(both, both.files),
            "ok policy: its policy is up to date: 3 settings, 2 rules of /etc/a.ini, /etc/b.ini (1 "
            "of variables)\n");
  HeldFacts variables = held();
  variables.files.clear();
  EXPECT_EQ(found(variables, {}), "ok policy: its policy is up to date: 3 settings of variables\n");
}

TEST(Held, IsOlderThanTheFiles) {
  EXPECT_EQ(
      found(held(), {{"/etc/a.ini", 9}, {"/etc/c.ini", 3}}),
      "warning policy: its policy is out of date: it has 3 settings of /etc/a.ini, "
      "/etc/b.ini; since then /etc/a.ini was changed, "
      "/etc/b.ini is gone, /etc/c.ini is new => systemctl restart nginx.service  # until then: "
      "sockopt apply 812\n");
}

TEST(Held, HadFaultsAndRefusals) {
  HeldFacts facts = held();
  facts.faults = 2;
  facts.refused = {"mark", "congestion"};
  const std::string text = found(facts, facts.files);
  EXPECT_NE(text.find("error policy: 2 errors in its configuration at start-up"),
            std::string::npos);
  EXPECT_NE(text.find("error policy: the kernel refused: mark, congestion => sockopt options "
                      "mark"),
            std::string::npos);
  // Of which the option table says nothing.
  facts.refused = {"raw.6.99"};
  EXPECT_NE(found(facts, facts.files).find("the kernel refused: raw.6.99\n"), std::string::npos);
}

TEST(Held, HadFaultsInTheFileOfItsOwn) {
  HeldFacts facts = held();
  facts.faults = 1;
  FilesNow now = {facts.files, true, false};
  EXPECT_NE(lines(examine_held(facts, now, reach())).find(" => sockopt check\n"),
            std::string::npos);
  now.named = "/etc/a.ini";
  EXPECT_NE(lines(examine_held(facts, now, reach())).find(" => sockopt check /etc/a.ini\n"),
            std::string::npos);
}

TEST(Held, IsDisabledByTheProgramsFilter) {
  HeldFacts facts = held();
  facts.hooks_disabled = true;
  EXPECT_NE(
      found(facts, facts.files).find("the sockets that listened before it still get their options"),
      std::string::npos);
  facts.met_socket = false;
  EXPECT_NE(found(facts, facts.files)
                .find("which was there before any TCP socket: none gets its options => sockopt "
                      "apply 812  # again after each start"),
            std::string::npos);
}

TEST(Held, IsOfAnotherBuild) {
  HeldFacts facts = held();
  facts.readable = false;
  facts.version = "9.9";
  const std::string text = found(facts, {});
  EXPECT_NE(text.find("note version: its library has version 9.9, this command "),
            std::string::npos);
  EXPECT_NE(text.find("warning policy: its policy cannot be read"), std::string::npos);
}

TEST(Held, IsNothing) {
  HeldFacts idle;
  EXPECT_NE(lines(examine_held(idle, {{}, false, false}, reach()))
                .find("note policy: no option is configured"),
            std::string::npos);
  EXPECT_NE(
      lines(examine_held(idle, {{{"/etc/a.ini", 1}}, true, false}, reach()))
          .find("error policy: it started before it had a configuration; now there is /etc/a.ini"),
      std::string::npos);
  EXPECT_NE(
      lines(examine_held(idle, {{}, true, true}, reach())).find("error policy: SOCKOPT_DISABLE"),
      std::string::npos);
}

}  // namespace
}  // namespace sockopt::test
