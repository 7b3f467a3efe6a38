// SPDX-License-Identifier: MIT
//
// An image's paths stay in the image, whatever its links say.
#include "tools/systemd/file_tree.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>

#include "tests/support/units/unit_tree.h"

namespace sockopt::test {
namespace {

namespace fs = std::filesystem;

TEST(FileTree, AbsoluteLinksBeginAtTheRoot) {
  UnitTree tree;
  tree.write("/usr/lib/a", "of the image");
  tree.link("/lib", "/usr/lib");
  tree.link("/b", "../../../../../usr/lib/a");
  const FileTree files = tree.files();
  for (const char* path : {"/lib/a", "/b", "/../../lib/a"}) {
    const Result<std::string> text = files.read(path);
    ASSERT_TRUE(text) << path << ": " << text.failure().text();
    EXPECT_EQ(*text, "of the image");
  }
  EXPECT_EQ(files.list("/lib"), std::vector<std::string>{"a"});
  EXPECT_EQ(*files.read_link("/lib"), "/usr/lib");
  EXPECT_EQ(files.outside("/lib/a"), tree.root() + "/lib/a");
}

TEST(FileTree, NothingOfTheHostIsSeenOrMade) {
  TemporaryDirectory host;
  host.write("secret", "of the host");
  UnitTree tree;
  tree.link("/out", host.path());
  tree.link("/etc", host.path() / "made");
  const FileTree files = tree.files();
  EXPECT_EQ(files.read("/out/secret").failure().error, ENOENT);
  EXPECT_FALSE(files.status("/out/secret"));
  EXPECT_TRUE(files.list("/out").empty());
  EXPECT_FALSE(files.make_directories("/etc/systemd/system"));
  EXPECT_FALSE(fs::exists(host / "made"));
}

TEST(FileTree, DirectoriesAreMadeForEverybodyToRead) {
  UnitTree tree;
  const Result<UniqueFd> made = tree.files().make_directories("/etc/systemd/system/a.service.d");
  ASSERT_TRUE(made) << made.failure().text();
  const auto status = tree.files().status("/etc/systemd/system/a.service.d");
  ASSERT_TRUE(status);
  EXPECT_TRUE(S_ISDIR(status->st_mode));
  ASSERT_TRUE(tree.files().make_directories("/etc/systemd/system/a.service.d")) << "twice";
}

TEST(FileTree, WhatIsMissingIsAFailureWithItsName) {
  const UnitTree tree;
  const Result<std::string> text = tree.files().read("/none");
  ASSERT_FALSE(text);
  EXPECT_EQ(text.failure().call, tree.root() + "/none");
  EXPECT_FALSE(FileTree::open(tree.root() + "/none"));
}

TEST(FileTree, AFifoKeepsNobodyWaiting) {
  const UnitTree tree;
  ASSERT_EQ(mkfifo((tree.root() + "/fifo").c_str(), 0600), 0);
  const Result<std::string> text = tree.files().read("/fifo");
  ASSERT_TRUE(text);
  EXPECT_EQ(*text, "");
}

}  // namespace
}  // namespace sockopt::test
