// SPDX-License-Identifier: MIT
//
// `sockopt export`: what a volume gets.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/support/sockopt_command.h"
#include "tests/support/temporary_directory.h"

namespace sockopt::test {
namespace {

TEST(Export, CopiesTheLibrariesWhole) {
  const TemporaryDirectory directory;
  const std::string to = directory.path().string();
  const Finished done = sockopt({"export", to});
  ASSERT_TRUE(done.success()) << done.error;
  EXPECT_EQ(done.output, to + "/libsockopt.so\n" + to + "/libsockopt-zmq.so\n")
      << "the command of this build needs libraries of this system";
  for (const char* name : {"libsockopt.so", "libsockopt-zmq.so"}) {
    EXPECT_TRUE(read_file(directory / name) == read_file(build_directory() / name)) << name;
    struct stat status = {};
    ASSERT_EQ(stat((directory / name).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0644U) << name;
  }
}

// Whoever has loaded the old one has its pages: they must stay as they are.
TEST(Export, ReplacesAFileByAnother) {
  const TemporaryDirectory directory;
  const std::string old = directory.write("libsockopt.so", "old");
  const std::string kept = directory / "kept";
  std::filesystem::create_hard_link(old, kept);
  ASSERT_TRUE(sockopt({"export", directory.path()}).success());
  EXPECT_EQ(read_file(kept), "old");
  EXPECT_NE(read_file(old), "old");
}

TEST(Export, SaysWhereItCannot) {
  const TemporaryDirectory directory;
  const std::string none = directory / "none";
  const Finished failed = sockopt({"export", none});
  EXPECT_EQ(status(failed), 1);
  EXPECT_TRUE(contains(failed.error, none + ": No such file or directory")) << failed.error;
  EXPECT_EQ(status(sockopt({"export"})), 2);
}

}  // namespace
}  // namespace sockopt::test
