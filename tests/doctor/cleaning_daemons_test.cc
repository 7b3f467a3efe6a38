// SPDX-License-Identifier: MIT
//
// Daemons that hand on only what they list, and the line that lists the library.
#include "tools/sockopt/diagnosis/cleaning_daemons.h"

#include <gtest/gtest.h>

#include "tests/support/units/unit_tree.h"

namespace sockopt::test {
namespace {

constexpr char kLibrary[] = "/usr/lib/libsockopt.so";

std::string fix(const std::string& path, const std::string& configuration = {}) {
  const auto daemon = find_cleaning_daemon(path, kLibrary, configuration);
  return daemon ? daemon->fix : "";
}

TEST(CleaningDaemon, HasALineThatHandsTheLibraryOn) {
  EXPECT_EQ(fix("/usr/lib/postfix/sbin/master", "/a.ini"),
            "postconf -e \"import_environment=$(postconf -h import_environment) "
            "LD_PRELOAD=/usr/lib/libsockopt.so SOCKOPT_CONFIG=/a.ini\"");
  EXPECT_EQ(fix("/usr/sbin/nginx"), "write `env LD_PRELOAD;` at the top of /etc/nginx/nginx.conf");
  EXPECT_EQ(fix("/usr/sbin/nginx", "/a.ini"),
            "write `env LD_PRELOAD; env SOCKOPT_CONFIG;` at the top of /etc/nginx/nginx.conf");
  EXPECT_EQ(fix("/usr/sbin/cron"),
            "write `LD_PRELOAD=/usr/lib/libsockopt.so` at the top of the crontab");
  EXPECT_NE(fix("/usr/bin/sudo"), "");
  EXPECT_NE(fix("/usr/sbin/sshd"), "");
  EXPECT_EQ(fix("/opt/master"), "");
  EXPECT_EQ(fix("/usr/sbin/redis-server"), "");
}

TEST(CleaningDaemon, IsNoneOnceItsConfigurationHasTheLine) {
  UnitTree tree;
  const auto found = [&](const std::string& path) {
    return find_cleaning_service(tree.files(), path, kLibrary, "").has_value();
  };
  EXPECT_TRUE(found("/usr/sbin/nginx"));
  tree.write("/etc/nginx/nginx.conf", "# env LD_PRELOAD;\n");
  EXPECT_TRUE(found("/usr/sbin/nginx"));
  tree.write("/etc/nginx/nginx.conf", "user web;\nenv LD_PRELOAD;\n");
  EXPECT_FALSE(found("/usr/sbin/nginx"));
  EXPECT_FALSE(found("/usr/sbin/sshd")) << "it only makes sessions";
}

}  // namespace
}  // namespace sockopt::test
