// SPDX-License-Identifier: MIT
//
// Units out of /proc/PID/cgroup, as systemd of several ages and containers write it.
#include "tools/inspect/systemd_unit.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace sockopt::test {
namespace {

TEST(FullUnitName, AsSystemctlReadsIt) {
  EXPECT_EQ(full_unit_name("nginx"), "nginx.service");
  EXPECT_EQ(full_unit_name("nginx.service"), "nginx.service");
  EXPECT_EQ(full_unit_name("ssh.socket"), "ssh.socket");
  EXPECT_EQ(full_unit_name("postgresql@15-main"), "postgresql@15-main.service");
  EXPECT_EQ(full_unit_name("my.daemon"), "my.daemon.service");
}

TEST(UnitOfCgroup, Unified) {
  EXPECT_EQ(unit_of_cgroup("0::/system.slice/nginx.service\n"), "nginx.service");
  EXPECT_EQ(unit_of_cgroup("0::/system.slice/system-postgresql.slice/postgresql@15-main.service\n"),
            "postgresql@15-main.service");
}

TEST(UnitOfCgroup, BelowTheUnit) {
  EXPECT_EQ(unit_of_cgroup("0::/system.slice/docker.service/containers/web\n"), "docker.service");
  EXPECT_EQ(
      unit_of_cgroup("0::/user.slice/user-1000.slice/user@1000.service/app.slice/web.service\n"),
      "web.service")
      << "of two, the inner one";
}

TEST(UnitOfCgroup, OlderHierarchies) {
  const std::string_view both =
      "9:memory:/system.slice/other.service\n"
      "1:name=systemd:/system.slice/redis-server.service\n"
      "0::/system.slice/redis-server.service\n";
  EXPECT_EQ(unit_of_cgroup(both), "redis-server.service");
  EXPECT_FALSE(is_in_unit(both, "other.service")) << "a controller's path is not systemd's";
}

TEST(UnitOfCgroup, None) {
  for (const std::string_view text : {"", "0::/\n", "0::/user.slice\n", "rubbish",
                                      "0:", "0::", "0::/docker/0123456789ab\n", "0::/.service\n"}) {
    EXPECT_EQ(unit_of_cgroup(text), "") << text;
  }
}

TEST(IsInUnit, WholeNamesOnly) {
  const std::string_view text = "0::/system.slice/web.service/workers\n";
  EXPECT_TRUE(is_in_unit(text, "web.service"));
  EXPECT_TRUE(is_in_unit(text, "system.slice"));
  EXPECT_FALSE(is_in_unit(text, "eb.service"));
  EXPECT_FALSE(is_in_unit(text, "web"));
}

TEST(IsInUnit, NameThatSystemdEscapes) {
  EXPECT_TRUE(is_in_unit("0::/system.slice/_cpu.service\n", "cpu.service"));
}

TEST(UnitOf, ThisProcess) {
  const auto own = ForeignProcess::open(getpid());
  ASSERT_TRUE(own);
  const std::string unit = unit_of(*own);
  EXPECT_TRUE(unit.empty() || unit.find('.') != unit.npos) << unit;
}

}  // namespace
}  // namespace sockopt::test
