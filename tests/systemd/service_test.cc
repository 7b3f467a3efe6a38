// SPDX-License-Identifier: MIT
//
// What a service is made of: its commands, its environment, its user, and the calls that it may
// make.
#include <gtest/gtest.h>

#include "tests/support/units/unit_tree.h"
#include "tools/systemd/environment_file.h"
#include "tools/systemd/service_command.h"
#include "tools/systemd/service_environment.h"
#include "tools/systemd/service_user.h"
#include "tools/systemd/specifiers.h"
#include "tools/systemd/system_call_filter.h"

namespace sockopt::test {
namespace {

using Words = std::vector<std::string>;

UnitSettings service(const std::string& lines) {
  UnitSettings settings;
  settings.add("a.service", parse_unit_file("[Service]\n" + lines));
  return settings;
}

std::vector<ServiceCommand> commands(const std::string& lines,
                                     const std::string& unit = "a@i-j.service") {
  return service_commands(service(lines), unit);
}

TEST(ServiceCommand, PrefixesNamesAndQuotes) {
  const auto all = commands(
      "ExecStart=-@/usr/bin/a name \"two words\" $OPTIONS\nExecStart=+!/usr/bin/%p \\x41\n");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].path, "/usr/bin/a");
  EXPECT_EQ(all[0].words, (Words{"two words", "$OPTIONS"}));
  EXPECT_FALSE(all[0].unconfined);
  EXPECT_EQ(all[1].path, "/usr/bin/a");
  EXPECT_EQ(all[1].words, Words{"A"});
  EXPECT_TRUE(all[1].unconfined);
  EXPECT_EQ(all[1].from.line, 3u);
}

TEST(ServiceCommand, SeveralInALine) {
  const auto all = commands("ExecStart=/bin/a ; /bin/b \\; c;d\nExecStart=/bin/e \"open\n");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[1].path, "/bin/b");
  EXPECT_EQ(all[1].words, (Words{";", "c;d"}));
  EXPECT_EQ(commands("ExecStart=/bin/a\nExecStart=\nExecStart=/bin/b\n").size(), 1u);
}

TEST(Specifiers, OfAnInstance) {
  const auto expanded = [](const char* text) {
    return expand_specifiers(text, "a-b@c-d\\x2de.service").value_or("none");
  };
  EXPECT_EQ(expanded("%n %N %p %i"), "a-b@c-d\\x2de.service a-b@c-d\\x2de a-b c-d\\x2de");
  EXPECT_EQ(expanded("%I %j %f %P"), "c/d-e b /c/d-e a/b");
  EXPECT_EQ(expanded("%t %S %E %% 5%"), "/run /var/lib /etc % 5%");
  EXPECT_EQ(expanded("%H"), "none");
}

std::string read_back(const std::string& text) {
  std::string lines;
  for (const EnvironmentFileEntry& entry : parse_environment_file(text)) {
    lines += std::to_string(entry.line) + " " + entry.variable.name + "=[" + entry.variable.value +
             "]\n";
  }
  return lines;
}

TEST(EnvironmentFile, QuotesAndComments) {
  EXPECT_EQ(read_back("# A=1\n; B=2\nA=1 2 \n\n B = x \nC=\nexport D=1\nE\n"),
            "3 A=[1 2]\n5 B=[x]\n6 C=[]\n");
  EXPECT_EQ(read_back("A='a b '\nB=\"c \\\" \\$ \\x\"\nC=\"two\nlines\"\nD=a\"b\"c\n"),
            "1 A=[a b ]\n2 B=[c \" $ \\x]\n3 C=[two\nlines]\n5 D=[a\"b\"c]\n");
  EXPECT_EQ(read_back("A=one \\\n two\nB=x\\ \nC='a'\"b\"c"),
            "1 A=[one  two]\n3 B=[x ]\n4 C=[abc]\n");
  EXPECT_EQ(read_back("# a comment \\\nA=1\nB=2\n"), "3 B=[2]\n");
}

class UnitEnvironment : public testing::Test {
 protected:
  // `NAME=VALUE from PLACE`, or nothing.
  std::string value(const std::string& name) {
    const SystemdUnit unit = tree_.load("a.service");
    const FileTree files = tree_.files();
    const ServiceEnvironment environment(files, unit);
    const ServiceVariable* variable = environment.find(name);
    return variable == nullptr ? "" : variable->value + " from " + variable->place;
  }
  void unit(const std::string& lines) {
    tree_.write("/lib/systemd/system/a.service", "[Service]\n" + lines);
  }

  UnitTree tree_;
};

TEST_F(UnitEnvironment, FilesWinOverTheUnitAndTheUnitOverTheManager) {
  tree_.write("/etc/systemd/system.conf", "[Manager]\nDefaultEnvironment=A=m B=m C=m\n");
  tree_.write("/etc/default/a", "\nC=f\n");
  tree_.write("/etc/default/b", "D=f\n");
  unit("Environment=B=u C=u\nEnvironmentFile=/etc/default/*\nEnvironmentFile=-/etc/none\n");
  EXPECT_EQ(value("A"), "m from /etc/systemd/system.conf:2");
  EXPECT_EQ(value("B"), "u from /lib/systemd/system/a.service:2");
  EXPECT_EQ(value("C"), "f from /etc/default/a:2");
  EXPECT_EQ(value("D"), "f from /etc/default/b:1");
}

TEST_F(UnitEnvironment, WhatIsTakenAway) {
  unit("Environment=A=1 B=1 C=1\nUnsetEnvironment=A B=2 C=1 E\n");
  EXPECT_EQ(value("A"), "");
  EXPECT_EQ(value("B"), "1 from /lib/systemd/system/a.service:2");
  EXPECT_EQ(value("C"), "");
  const SystemdUnit unit = tree_.load("a.service");
  const ServiceEnvironment environment(tree_.files(), unit);
  ASSERT_NE(environment.taken_away("A"), nullptr);
  EXPECT_EQ(environment.taken_away("A")->line, 3u);
  EXPECT_EQ(environment.taken_away("B"), nullptr);
  EXPECT_EQ(environment.find_assigned("A")->value, "1");
}

TEST(ServiceUser, ByTheTreesOwnFiles) {
  UnitTree tree;
  tree.write("/etc/passwd", "root:x:0:0::/:\nweb:x:333:334::/:\n");
  tree.write("/etc/group", "web:x:334:\nextra:x:335:other,web\nsupplement:x:336:\n");
  const auto user = [&](const std::string& lines) {
    tree.write("/lib/systemd/system/a@.service", "[Service]\n" + lines);
    return service_user(tree.files(), tree.load("a@web.service"));
  };
  EXPECT_EQ(user("")->user, 0u);
  const auto web = user("User=%i\nSupplementaryGroups=supplement\n");
  ASSERT_TRUE(web);
  EXPECT_EQ(web->user, 333u);
  EXPECT_EQ(web->group, 334u);
  EXPECT_EQ(web->groups, (std::vector<gid_t>{334, 336, 335}));
  EXPECT_EQ(user("User=web\nGroup=extra\n")->group, 335u);
  EXPECT_EQ(user("User=777\n")->user, 777u);
  EXPECT_FALSE(user("User=nobody-knows\n"));
  EXPECT_TRUE(user("User=nobody-knows\nDynamicUser=yes\n"));
  EXPECT_NE(user("DynamicUser=yes\n")->user, 0u);
  // Commands that systemd starts as root all the same.
  EXPECT_EQ(user("User=web\nExecStart=+/a\n")->user, 0u);
  EXPECT_EQ(user("User=web\nExecStart=-!/a\n")->user, 0u);
  EXPECT_EQ(user("User=web\nExecStart=!!/a\n")->user, 333u);
  EXPECT_EQ(user("User=web\nExecStart=+/a\nExecStart=/b\n")->user, 333u);
}

TEST(SystemCallFilter, WhatBecomesOfOurCalls) {
  const auto verdict = [](const std::string& lines) { return socket_option_calls(service(lines)); };
  EXPECT_EQ(verdict(""), CallVerdict::kAllowed);
  EXPECT_EQ(verdict("SystemCallFilter=@system-service\n"), CallVerdict::kAllowed);
  EXPECT_EQ(verdict("SystemCallFilter=@basic-io\nSystemCallFilter=@network-io\n"),
            CallVerdict::kAllowed);
  EXPECT_EQ(verdict("SystemCallFilter=getsockopt setsockopt\n"), CallVerdict::kAllowed);
  EXPECT_EQ(verdict("SystemCallFilter=~@mount\n"), CallVerdict::kAllowed);
  EXPECT_EQ(verdict("SystemCallFilter=~setsockopt\nSystemCallFilter=\n"), CallVerdict::kAllowed);
  EXPECT_EQ(verdict("SystemCallFilter=~setsockopt\nSystemCallFilter=setsockopt\n"),
            CallVerdict::kAllowed);
  EXPECT_EQ(verdict("SystemCallFilter=setsockopt\n"), CallVerdict::kKilled) << "no getsockopt";
  EXPECT_EQ(verdict("SystemCallFilter=@system-service\nSystemCallFilter=~@network-io\n"),
            CallVerdict::kKilled);
  EXPECT_EQ(verdict("SystemCallFilter=~@network-io\nSystemCallErrorNumber=EPERM\n"),
            CallVerdict::kRefused);
  EXPECT_EQ(verdict("SystemCallFilter=~setsockopt:EPERM\n"), CallVerdict::kRefused);
}

}  // namespace
}  // namespace sockopt::test
