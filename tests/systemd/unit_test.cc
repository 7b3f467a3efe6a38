// SPDX-License-Identifier: MIT
//
// Which files a unit is made of, and what they say together.
#include "tools/systemd/unit.h"

#include <gtest/gtest.h>

#include "tests/support/units/unit_tree.h"

namespace sockopt::test {
namespace {

using Names = std::vector<std::string>;

constexpr char kPlain[] = "[Service]\nExecStart=/bin/a\n";

TEST(Unit, TheFirstDirectoryWins) {
  UnitTree tree;
  tree.write("/usr/lib/systemd/system/a.service", "[Service]\nEnvironment=A=vendor\n");
  EXPECT_EQ(tree.environment("a.service"), Names{"A=vendor"});
  tree.write("/run/systemd/system/a.service", "[Service]\nEnvironment=A=run\n");
  EXPECT_EQ(tree.environment("a.service"), Names{"A=run"});
  tree.write("/etc/systemd/system/a.service", "[Service]\nEnvironment=A=etc\n");
  EXPECT_EQ(tree.environment("a.service"), Names{"A=etc"});
  EXPECT_EQ(tree.load("a.service").path, "/etc/systemd/system/a.service");
}

TEST(Unit, DropInsOfAllDirectoriesByTheirNames) {
  UnitTree tree;
  tree.write("/lib/systemd/system/a.service", "[Service]\nEnvironment=A=unit B=unit C=unit\n");
  tree.write("/lib/systemd/system/a.service.d/90.conf", "[Service]\nEnvironment=A=90\n");
  tree.write("/etc/systemd/system/a.service.d/10.conf", "[Service]\nEnvironment=A=10 B=10\n");
  tree.write("/run/systemd/system/service.d/50.conf", "[Service]\nEnvironment=B=50\n");
  tree.write("/etc/systemd/system/a.service.d/not-one.txt", "[Service]\nEnvironment=C=txt\n");
  EXPECT_EQ(tree.environment("a.service"), (Names{"A=90", "B=50", "C=unit"}));
  EXPECT_EQ(tree.load("a.service").drop_ins, (Names{"/etc/systemd/system/a.service.d/10.conf",
                                                    "/run/systemd/system/service.d/50.conf",
                                                    "/lib/systemd/system/a.service.d/90.conf"}));
  // Of the same name only the one in the first directory; an empty one too.
  tree.link("/etc/systemd/system/a.service.d/90.conf", "/dev/null");
  EXPECT_EQ(tree.environment("a.service"), (Names{"A=10", "B=50", "C=unit"}));
}

TEST(Unit, AnEmptyAssignmentBeginsAnew) {
  UnitTree tree;
  tree.write("/lib/systemd/system/a.service",
             "[Service]\nEnvironment=A=1 B=1\nEnvironment=A=2\nEnvironment=\nEnvironment=C=3\n");
  EXPECT_EQ(tree.environment("a.service"), Names{"C=3"});
}

TEST(Unit, WithADropInThatIsOnlyImagined) {
  UnitTree tree;
  tree.write("/lib/systemd/system/a.service", "[Service]\nEnvironment=A=1\n");
  const std::string path = "/etc/systemd/system/a.service.d/b.conf";
  const auto value_with = [&](const ImaginedDropIn& imagined) {
    const SystemdUnit unit = tree.load("a.service", imagined);
    return environment_of(unit.settings).front().variable.value;
  };
  EXPECT_EQ(value_with({path, "[Service]\nEnvironment=A=imagined\n"}), "imagined");
  tree.write(path, "[Service]\nEnvironment=A=written\n");
  EXPECT_EQ(value_with({}), "written");
  EXPECT_EQ(value_with({path, std::nullopt}), "1");
  EXPECT_EQ(value_with({path, "[Service]\nEnvironment=A=imagined\n"}), "imagined");
  // Where another directory has the name already, it would not be read at all.
  tree.write("/etc/systemd/system.control/a.service.d/b.conf", "[Service]\nEnvironment=A=first\n");
  EXPECT_EQ(value_with({path, "[Service]\nEnvironment=A=imagined\n"}), "first");
}

TEST(Unit, InstancesOfATemplate) {
  UnitTree tree;
  tree.write("/lib/systemd/system/a@.service", "[Service]\nEnvironment=A=template\n");
  tree.write("/etc/systemd/system/a@.service.d/1.conf", "[Service]\nEnvironment=B=all\n");
  tree.write("/etc/systemd/system/a@x.service.d/2.conf", "[Service]\nEnvironment=B=x\n");
  EXPECT_EQ(tree.environment("a@x.service"), (Names{"A=template", "B=x"}));
  EXPECT_EQ(tree.environment("a@y.service"), (Names{"A=template", "B=all"}));
  tree.write("/lib/systemd/system/a@y.service", "[Service]\nEnvironment=A=own\n");
  EXPECT_EQ(tree.environment("a@y.service"), (Names{"A=own", "B=all"}));
}

TEST(Unit, AnAliasIsTheUnitItLeadsTo) {
  UnitTree tree;
  tree.write("/usr/lib/systemd/system/redis-server.service", "[Service]\nEnvironment=A=1\n");
  tree.link("/lib", "usr/lib");
  tree.link("/etc/systemd/system/redis.service", "/lib/systemd/system/redis-server.service");
  tree.write("/etc/systemd/system/redis.service.d/1.conf", "[Service]\nEnvironment=B=alias\n");
  const SystemdUnit unit = tree.load("redis.service");
  EXPECT_EQ(unit.state, SystemdUnit::State::kLoaded);
  EXPECT_EQ(unit.name, "redis-server.service");
  EXPECT_EQ(unit.aliases, Names{"redis.service"});
  EXPECT_EQ(tree.environment("redis-server.service"), (Names{"A=1", "B=alias"}));
}

TEST(Unit, AliasesOfTemplates) {
  UnitTree tree;
  tree.write("/lib/systemd/system/getty@.service", kPlain);
  tree.link("/etc/systemd/system/autovt@.service", "/lib/systemd/system/getty@.service");
  EXPECT_EQ(tree.load("autovt@tty1.service").name, "getty@tty1.service");
  EXPECT_EQ(tree.load("getty@tty1.service").aliases, Names{"autovt@tty1.service"});
}

TEST(Unit, ALinkToAFileElsewhereIsTheUnitItself) {
  UnitTree tree;
  tree.write("/opt/vendor/daemon.service", "[Service]\nEnvironment=A=opt\n");
  tree.link("/etc/systemd/system/legacy.service", "/opt/vendor/daemon.service");
  EXPECT_EQ(tree.load("legacy.service").name, "legacy.service");
  EXPECT_EQ(tree.environment("legacy.service"), Names{"A=opt"});
}

TEST(Unit, MaskedMissingAndUnreadable) {
  UnitTree tree;
  tree.write("/lib/systemd/system/a.service", kPlain);
  EXPECT_EQ(tree.load("a.service").state, SystemdUnit::State::kLoaded);
  EXPECT_EQ(tree.load("b.service").state, SystemdUnit::State::kMissing);
  tree.link("/etc/systemd/system/a.service", "/dev/null");
  tree.write("/dev/null", "");
  EXPECT_EQ(tree.load("a.service").state, SystemdUnit::State::kMasked);
  tree.write("/etc/systemd/system/c.service", "");
  EXPECT_EQ(tree.load("c.service").state, SystemdUnit::State::kMasked);
  tree.write("/etc/systemd/system/d.service/is/a/directory", "");
  const SystemdUnit unreadable = tree.load("d.service");
  EXPECT_EQ(unreadable.state, SystemdUnit::State::kUnreadable);
  ASSERT_EQ(unreadable.faults.size(), 1u);
  EXPECT_NE(unreadable.faults.front().find("d.service"), std::string::npos);
}

TEST(Unit, LinksInACircleEnd) {
  UnitTree tree;
  tree.link("/etc/systemd/system/a.service", "b.service");
  tree.link("/etc/systemd/system/b.service", "a.service");
  EXPECT_EQ(tree.load("a.service").state, SystemdUnit::State::kMissing);
}

TEST(Unit, TheManagersOwnEnvironment) {
  UnitTree tree;
  tree.write("/etc/systemd/system.conf", "[Manager]\nDefaultEnvironment=A=1 B=1\n");
  tree.write("/usr/lib/systemd/system.conf.d/x.conf", "[Manager]\nDefaultEnvironment=B=2\n");
  const auto variables =
      environment_of(load_manager_settings(tree.files()), "Manager", "DefaultEnvironment");
  ASSERT_NE(find_variable(variables, "A"), nullptr);
  EXPECT_EQ(find_variable(variables, "B")->variable.value, "2");
}

}  // namespace
}  // namespace sockopt::test
