// SPDX-License-Identifier: MIT
//
// Whether a loader can take a library: by what the file is, by who may reach it, and by who could
// replace it.
#include "tools/sockopt/diagnosis/library_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "tests/support/paths.h"
#include "tests/support/process.h"
#include "tests/support/requirements.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/users.h"

namespace sockopt::test {
namespace {

namespace fs = std::filesystem;

const LibraryUser kSomebody = {kNobody, {kNobody}};

const ElfFile kOfMusl = {.machine = {}, .loader = "/lib/ld-musl-x86_64.so.1"};

const FileTree& host() {
  static const Result<FileTree> tree = FileTree::open("/");
  return *tree;
}

ElfMachine machine() {
  return look_at_library(host(), library(), {}).machine.value_or(ElfMachine{});
}

class LibraryInADirectory : public testing::Test {
 protected:
  void SetUp() override { fs::copy_file(library(), file_); }

  std::string why(const LibraryUser& user = {}) const {
    return why_not_taken(look_at_library(host(), file_, user), machine());
  }

  TemporaryDirectory directory_;
  std::string file_ = directory_ / "libsockopt.so";
};

TEST_F(LibraryInADirectory, IsTakenAsItIs) { EXPECT_EQ(why(), ""); }

TEST_F(LibraryInADirectory, IsNotTakenWhereThereIsNone) {
  fs::remove(file_);
  EXPECT_EQ(why(), "is not there");
  EXPECT_EQ(why_not_taken(look_at_library(host(), file_ + "/x/y", {}), machine()), "is not there");
}

TEST_F(LibraryInADirectory, IsNotTakenWhereItIsNoLibrary) {
  fs::remove(file_);
  directory_.write("libsockopt.so", "text");
  EXPECT_EQ(why(), "is not a library");
}

TEST_F(LibraryInADirectory, IsNotTakenByAProgramForAnotherMachine) {
  ElfMachine other = machine();
  other.machine = 22;  // EM_S390
  EXPECT_TRUE(
      why_not_taken(look_at_library(host(), file_, {}), other).starts_with("is built for "));
}

TEST_F(LibraryInADirectory, IsTakenByWhoeverMayReachIt) {
  ASSERT_EQ(::chmod(file_.c_str(), 0640), 0);
  EXPECT_EQ(why({0, {}}), "") << "root may read everything";
  const gid_t group = ::getegid();
  EXPECT_EQ(why({kNobody, {group + 1, group}}), "") << "a member of its group";
  EXPECT_EQ(why({kNobody, {group + 1}}),
            "is not accessible to the program's user, who may not read " + file_);
  ASSERT_EQ(::chmod(file_.c_str(), 0604), 0);
  EXPECT_NE(why({kNobody, {group}}), "") << "of a member the group's right counts alone";
  EXPECT_EQ(why({kNobody, {group + 1}}), "");
  ASSERT_EQ(::chmod(directory_.path().c_str(), 0700), 0);
  EXPECT_EQ(
      why({kNobody, {group + 1}}),
      "is not accessible to the program's user, who may not enter " + directory_.path().native());
}

TEST_F(LibraryInADirectory, CanBeReplacedByWhoeverMayWriteThere) {
  const auto open_at = [&] { return look_at_library(host(), file_, kSomebody).open_at; };
  EXPECT_EQ(open_at(), "");
  ASSERT_EQ(::chmod(file_.c_str(), 0646), 0);
  EXPECT_EQ(open_at(), file_ + " can be written by anyone (chmod go-w)");
  ASSERT_EQ(::chmod(file_.c_str(), 0644), 0);
  ASSERT_EQ(::chmod(directory_.path().c_str(), 0777), 0);
  EXPECT_EQ(open_at(), directory_.path().native() + " can be written by anyone (chmod go-w)");
  ASSERT_EQ(::chmod(directory_.path().c_str(), 01777), 0);
  EXPECT_EQ(open_at(), "") << "a sticky directory, as /tmp is";
}

TEST_F(LibraryInADirectory, IsSoughtBelowTheRootOfAProcess) {
  const auto tree = FileTree::open(directory_.path());
  ASSERT_TRUE(tree);
  EXPECT_EQ(look_at_library(*tree, "/libsockopt.so", {}).error, 0);
  EXPECT_EQ(look_at_library(*tree, file_, {}).error, ENOENT);
}

TEST_F(LibraryInADirectory, IsFoundByNameInTheUsualPlaces) {
  const auto tree = FileTree::open(directory_.path());
  ASSERT_TRUE(tree);
  EXPECT_EQ(find_by_name(*tree, "libsockopt.so", {}), "");
  fs::create_directories(directory_ / "usr/lib");
  fs::rename(file_, directory_ / "usr/lib/libsockopt.so");
  EXPECT_EQ(find_by_name(*tree, "libsockopt.so", {}), "/usr/lib/libsockopt.so");
  EXPECT_EQ(find_by_name(*tree, "libsockopt.so", kOfMusl), "/usr/lib/libsockopt.so");
}

// As ldconfig writes it: what the loader knows a file by is in the cache.
TEST_F(LibraryInADirectory, IsFoundByNameInTheCache) {
  fs::create_directories(directory_ / "etc");
  fs::create_directories(directory_ / "opt/lib");
  fs::rename(file_, directory_ / "opt/lib/libsockopt.so");
  const auto tree = FileTree::open(directory_.path());
  ASSERT_TRUE(tree);
  directory_.write("etc/ld.so.conf", "/opt/lib\n");
  const Finished made = run({.argv = {"/sbin/ldconfig", "-r", directory_.path()}});
  ASSERT_TRUE(made.success()) << made.error;
  EXPECT_EQ(find_by_name(*tree, "libsockopt.so", {}), "/opt/lib/libsockopt.so");
  EXPECT_EQ(find_by_name(*tree, "libsockopt.so", kOfMusl), "") << "musl does not read it";
  fs::remove(directory_ / "opt/lib/libsockopt.so");
  EXPECT_EQ(find_by_name(*tree, "libsockopt.so", {}), "") << "a cache that is out of date";
}

TEST(LibraryOnNoexec, IsNotTaken) {
  SOCKOPT_NEEDS_ROOT("to mount a file system");
  const TemporaryDirectory directory;
  // In a mount namespace that goes with the process.
  Process holder({.argv = {"unshare", "--mount", "sh", "-c",
                           "mount -t tmpfs -o noexec none \"$0\" && cp \"$1\" \"$0\" && "
                           "touch \"$0/done\" && exec sleep 600",
                           directory.path(), library()}});
  const std::string root = "/proc/" + std::to_string(holder.pid()) + "/root";
  ASSERT_TRUE(eventually(kPatience, [&] {
    return !holder.running() || fs::exists(root + directory.path().native() + "/done");
  }));
  if (!holder.running()) GTEST_SKIP() << holder.error();
  const auto tree = FileTree::open(root);
  ASSERT_TRUE(tree);
  EXPECT_EQ(why_not_taken(look_at_library(*tree, directory / "libsockopt.so", {}), machine()),
            "is on a file system that is mounted noexec");
}

}  // namespace
}  // namespace sockopt::test
