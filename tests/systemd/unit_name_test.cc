// SPDX-License-Identifier: MIT
//
// Names of units: what may be one, and which drop-ins it shares.
#include "tools/systemd/unit_name.h"

#include <gtest/gtest.h>

namespace sockopt::test {
namespace {

using Names = std::vector<std::string>;

TEST(UnitName, ServiceIsWhatIsMeantWithoutAType) {
  EXPECT_EQ(complete_unit_name("nginx"), "nginx.service");
  EXPECT_EQ(complete_unit_name("nginx.service"), "nginx.service");
  EXPECT_EQ(complete_unit_name("ssh.socket"), "ssh.socket");
  EXPECT_EQ(complete_unit_name("php8.2-fpm"), "php8.2-fpm.service");
  EXPECT_EQ(complete_unit_name("postgresql@15-main"), "postgresql@15-main.service");
}

TEST(UnitName, NothingThatCouldLeadElsewhere) {
  for (const char* name : {"nginx.service", "a@b.service", "a@.service", "a\\x2db.service",
                           "a@b@c.service", "dbus-org.freedesktop.login1.service"}) {
    EXPECT_TRUE(is_unit_name(name)) << name;
  }
  for (const char* name : {"../a.service", "a/b.service", "", ".service", "a b.service", "nginx",
                           "a\n.service", "@.service", "@a.service"}) {
    EXPECT_FALSE(is_unit_name(name)) << name;
  }
  EXPECT_FALSE(is_unit_name(std::string(250, 'a') + ".service"));
}

TEST(UnitName, Parts) {
  constexpr std::string_view kInstance = "postgresql@15-main.service";
  EXPECT_EQ(unit_prefix(kInstance), "postgresql");
  EXPECT_EQ(unit_instance(kInstance), "15-main");
  EXPECT_EQ(unit_type(kInstance), "service");
  EXPECT_EQ(unit_template(kInstance), "postgresql@.service");
  EXPECT_FALSE(is_unit_template(kInstance));
  EXPECT_TRUE(is_unit_template("postgresql@.service"));
  EXPECT_EQ(unit_template("postgresql@.service"), "");
  EXPECT_EQ(unit_instance("nginx.service"), "");
  EXPECT_EQ(unit_instance("a@b.c.service"), "b.c");
  EXPECT_EQ(instantiate_unit("a@.service", "x"), "a@x.service");
}

TEST(UnitName, DropInsOfTemplateAndPrefixes) {
  EXPECT_EQ(drop_in_names("nginx.service"), Names{"nginx.service"});
  EXPECT_EQ(drop_in_names("a-b-c.service"), (Names{"a-b-c.service", "a-b-.service", "a-.service"}));
  EXPECT_EQ(drop_in_names("a@i-j.service"), (Names{"a@i-j.service", "a@.service"}));
  EXPECT_EQ(drop_in_names("a--.service"), Names{"a--.service"});
}

TEST(UnitName, Unescaped) {
  EXPECT_EQ(unescape_unit_name("15-main"), "15/main");
  EXPECT_EQ(unescape_unit_name("a\\x2db"), "a-b");
  EXPECT_EQ(unescape_unit_name("a\\x2"), "a\\x2");
}

}  // namespace
}  // namespace sockopt::test
