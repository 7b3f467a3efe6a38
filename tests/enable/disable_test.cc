// SPDX-License-Identifier: MIT
//
// `sockopt disable`, and files that are not ours to take away or to write over.
#include <filesystem>

#include "tests/enable/service_tree.h"

namespace sockopt::test {
namespace {

namespace fs = std::filesystem;

class Disable : public testing::Test {
 protected:
  void SetUp() override {
    tree_.service("daemon.service");
    tree_.write("/etc/systemd/system/keep", "");
  }

  // What stands in the place of our drop-in stays, whatever is asked.
  void expect_left_alone(const std::string& why) {
    const std::string before = tree_.all_of_etc();
    for (const Finished& finished : {tree_.disable({"daemon"}), tree_.enable({"daemon"})}) {
      EXPECT_TRUE(ends_with_status(finished, 1));
      EXPECT_TRUE(contains(finished.error, why));
      EXPECT_EQ(finished.output, "");
    }
    EXPECT_EQ(tree_.all_of_etc(), before);
  }

  std::string path() const { return ServiceTree::drop_in("daemon.service"); }

  ServiceTree tree_;
};

TEST_F(Disable, LeavesTheTreeAsItWas) {
  const std::string before = tree_.all_of_etc();
  tree_.enable({"daemon"});
  ASSERT_NE(tree_.all_of_etc(), before);
  const Finished finished = tree_.disable({"daemon"});
  ASSERT_TRUE(ends_with_status(finished, 0));
  EXPECT_EQ(finished.output, "removed: " + tree_.root() + path() + "\n");
  EXPECT_EQ(tree_.all_of_etc(), before);
  const Finished again = tree_.disable({"daemon"});
  ASSERT_TRUE(ends_with_status(again, 0));
  EXPECT_EQ(again.output, "unchanged: " + tree_.root() + path() + " does not exist\n");
}

TEST_F(Disable, LeavesOtherDropIns) {
  tree_.write("/etc/systemd/system/daemon.service.d/override.conf", "[Service]\nNice=5\n");
  const std::string before = tree_.all_of_etc();
  tree_.enable({"daemon"});
  ASSERT_TRUE(ends_with_status(tree_.disable({"daemon"}), 0));
  EXPECT_EQ(tree_.all_of_etc(), before);
}

TEST_F(Disable, DryRunTakesNothingAway) {
  tree_.enable({"daemon"});
  const std::string before = tree_.all_of_etc();
  const Finished finished = tree_.disable({"--dry-run", "daemon"});
  ASSERT_TRUE(ends_with_status(finished, 0));
  EXPECT_TRUE(contains(finished.output, "would remove: " + tree_.root() + path() + "\n"));
  EXPECT_TRUE(contains(finished.output, "\n- Environment=\"LD_PRELOAD="));
  EXPECT_EQ(tree_.all_of_etc(), before);
}

TEST_F(Disable, WhatWasChangedByHandStays) {
  tree_.enable({"daemon"});
  tree_.write(path(), tree_.read(path()) + "Nice=5\n");
  expect_left_alone("was edited by hand");
}

TEST_F(Disable, WhatSomebodyElseWroteStays) {
  tree_.write(path(), "[Service]\nEnvironment=LD_PRELOAD=/usr/lib/libsockopt.so\n");
  expect_left_alone("was not written by sockopt");
}

TEST_F(Disable, ALinkStays) {
  tree_.write("/etc/elsewhere.conf", "");
  tree_.link(path(), "/etc/elsewhere.conf");
  expect_left_alone("is a link");
}

TEST_F(Disable, OfAUnitThatIsGone) {
  tree_.enable({"daemon"});
  fs::remove(tree_.root() + "/usr/lib/systemd/system/daemon.service");
  ASSERT_TRUE(ends_with_status(tree_.disable({"daemon"}), 0));
  EXPECT_FALSE(tree_.exists(path()));
}

TEST_F(Disable, OfAUnitThatNeverWasIsSaid) {
  const Finished finished = tree_.disable({"deamon"});
  EXPECT_TRUE(ends_with_status(finished, 1));
  EXPECT_EQ(finished.error, "sockopt: deamon: there is no such unit; did you mean daemon?\n");
}

TEST_F(Disable, ByAnAlias) {
  tree_.link("/etc/systemd/system/other.service", "/usr/lib/systemd/system/daemon.service");
  tree_.enable({"daemon"});
  ASSERT_TRUE(ends_with_status(tree_.disable({"other"}), 0));
  EXPECT_FALSE(tree_.exists(path()));
}

// Also of services that are gone, and under a name that is another's alias since.
TEST_F(Disable, AllLeavesNone) {
  tree_.service("other@.service");
  tree_.service("gone.service");
  tree_.service("old.service");
  const std::string before = tree_.all_of_etc();
  tree_.enable({"daemon", "other@1", "gone", "old"});
  const std::string units = tree_.root() + "/usr/lib/systemd/system/";
  fs::remove(units + "gone.service");
  fs::remove(units + "old.service");
  tree_.link("/usr/lib/systemd/system/old.service", "/usr/lib/systemd/system/daemon.service");
  const Finished finished = tree_.disable({"--all"});
  ASSERT_TRUE(ends_with_status(finished, 0));
  for (const char* unit : {"daemon.service", "other@1.service", "gone.service", "old.service"}) {
    EXPECT_TRUE(
        contains(finished.output, "removed: " + tree_.root() + ServiceTree::drop_in(unit) + "\n"));
  }
  EXPECT_EQ(tree_.all_of_etc(), before);
  const Finished again = tree_.disable({"--all"});
  ASSERT_TRUE(ends_with_status(again, 0));
  EXPECT_EQ(again.output, "");
}

TEST_F(Disable, AllKeepsWhatIsNotOurs) {
  tree_.service("other.service");
  tree_.enable({"daemon", "other"});
  tree_.write(path(), tree_.read(path()) + "Nice=5\n");
  const Finished finished = tree_.disable({"--all"});
  EXPECT_TRUE(ends_with_status(finished, 1));
  EXPECT_TRUE(contains(finished.error, "was edited by hand"));
  EXPECT_TRUE(tree_.exists(path()));
  EXPECT_FALSE(tree_.exists(ServiceTree::drop_in("other.service")));
}

TEST_F(Disable, AWrongCommandLine) {
  EXPECT_TRUE(ends_with_status(tree_.disable({"--all", "daemon"}), 2));
  EXPECT_TRUE(ends_with_status(sockopt({"disable"}), 2));
  EXPECT_TRUE(ends_with_status(tree_.disable({"a/b"}), 2));
}

}  // namespace
}  // namespace sockopt::test
