// SPDX-License-Identifier: MIT
//
// Programs in a user namespace, as in rootless containers: the owners of files are not those that
// they show as. A program whose file is refused runs on, and is told why.
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/support/requirements.h"
#include "tests/support/script.h"
#include "tests/support/users.h"

namespace sockopt::test {
namespace {

const Script kReadingWithIds = "ids; socket s inet; get s TCP_KEEPIDLE; open-descriptors";

class UserNamespace : public ::testing::Test {
 protected:
  void SetUp() override {
    SOCKOPT_NEEDS_ROOT("to be other users");
    if (!run({.argv = {"unshare", "--user", "true"}, .user = "nobody"}).success()) {
      GTEST_SKIP() << "user namespaces cannot be made here";
    }
  }

  // Started by nobody, with the file of `owner`.
  Played played(uid_t owner, const std::vector<std::string>& how) const {
    const auto file = directory_.write("sockopt.ini", "[sockopt]\nkeepidle = 61s\n");
    EXPECT_EQ(chown(file.c_str(), owner, 0), 0);
    Command command = actor(kReadingWithIds, shim_environment({{"SOCKOPT_CONFIG", file}}));
    command.argv.insert(command.argv.begin(), how.begin(), how.end());
    command.user = "nobody";
    return play(command);
  }

  void expect_heeded(const Played& with) const {
    EXPECT_EQ(with.number("get s TCP_KEEPIDLE"), 61);
    EXPECT_EQ(with.error(), "");
  }
  void expect_refused(const Played& with, const std::string& reason) const {
    EXPECT_NE(with.number("get s TCP_KEEPIDLE"), 61);
    EXPECT_EQ(occurrences(with.error(), reason), 1) << with.error();
    EXPECT_EQ(occurrences(with.error(), "\n"), 1) << with.error();
    EXPECT_EQ(with.result("open-descriptors"), "0 1 2 3");
  }

  TemporaryDirectory directory_;
};

const std::vector<std::string> kAsItsRoot = {"unshare", "--user", "--map-root-user"};
const std::vector<std::string> kAsAStranger = {"unshare", "--user"};

TEST_F(UserNamespace, ItsOwnRootHeedsItsOwnFile) {
  const Played with = played(kNobody, kAsItsRoot);
  EXPECT_EQ(with.result("ids"), "0 0");
  expect_heeded(with);
}

TEST_F(UserNamespace, TheRealRootsFileShowsAsNobodysAndIsRefused) {
  expect_refused(played(0, kAsItsRoot),
                 "is owned by user 65534, not by root (in a user namespace root's files can show "
                 "as this user)");
}

TEST_F(UserNamespace, AStrangerHeedsItsOwnFile) {
  const Played with = played(kNobody, kAsAStranger);
  EXPECT_EQ(with.result("ids"), "65534 65534");
  expect_heeded(with);
}

// To one whom the namespace does not know, every other such user looks like itself.
TEST_F(UserNamespace, AStrangerIsNotTakenInByOtherStrangers) {
  for (const uid_t owner : {uid_t{0}, uid_t{1234}}) {
    expect_refused(played(owner, kAsAStranger),
                   "is owned by a user unknown in this user namespace");
  }
}

}  // namespace
}  // namespace sockopt::test
