// SPDX-License-Identifier: MIT
//
// Where `sockopt run` finds libsockopt.so, with the command copied to other places.
#include <unistd.h>

#include <filesystem>

#include "tests/support/paths.h"
#include "tests/support/sockopt_command.h"

namespace sockopt::test {
namespace {

namespace fs = std::filesystem;

class Library : public testing::Test {
 protected:
  // Copies the command, and the library if a place for it is named, below the directory.
  void install(const fs::path& command, const fs::path& library_place = {}) {
    place(command_path(), command);
    if (!library_place.empty()) place(library(), library_place);
  }

  Finished start(const fs::path& command_place) {
    Command started = command({"run", "-o", "nodelay=on", "printenv", "LD_PRELOAD"});
    started.argv[0] = directory_.path() / command_place;
    return run(started);
  }

  TemporaryDirectory directory_;

 private:
  void place(const fs::path& from, const fs::path& to) {
    fs::create_directories((directory_.path() / to).parent_path());
    fs::copy_file(from, directory_.path() / to);
  }
};

TEST_F(Library, IsTakenFromBesideTheCommand) {
  install("sockopt", "libsockopt.so");
  EXPECT_EQ(start("sockopt").output, (directory_ / "libsockopt.so").string() + "\n");
}

TEST_F(Library, IsTakenFromWhereItIsInstalledWithTheCommand) {
  const fs::path place = fs::path("usr") / SOCKOPT_LIBDIR / "libsockopt.so";
  install("usr/bin/sockopt", place);
  EXPECT_EQ(start("usr/bin/sockopt").output, (directory_.path() / place).string() + "\n");
}

TEST_F(Library, IsFoundThroughALinkToTheCommand) {
  install("real/sockopt", "real/libsockopt.so");
  fs::create_symlink("real/sockopt", directory_ / "link");
  EXPECT_EQ(start("link").output, (directory_ / "real/libsockopt.so").string() + "\n");
}

TEST_F(Library, ThatIsMissingStartsNothing) {
  if (fs::exists(fs::path(SOCKOPT_FULL_LIBDIR) / "libsockopt.so")) {
    GTEST_SKIP() << "a library is installed on this host";
  }
  install("bin/sockopt");
  const Finished finished = start("bin/sockopt");
  EXPECT_EQ(status(finished), 125);
  EXPECT_EQ(finished.output, "");
  EXPECT_TRUE(contains(finished.error, "sockopt: run: libsockopt.so not found; looked for "));
  EXPECT_EQ(count(finished.error, "\n"), 1);
}

// What is built in, the place of the configuration among it, would not be true there.
TEST_F(Library, IsNotInstalledBelowAnotherPrefix) {
  const Finished finished = run({.argv = {SOCKOPT_CMAKE, "--install", build_directory(), "--prefix",
                                          directory_ / "elsewhere"}});
  EXPECT_FALSE(finished.success()) << finished.output;
  EXPECT_TRUE(contains(finished.error, "This build is for " SOCKOPT_PREFIX "; for another prefix"));
  EXPECT_FALSE(fs::exists(directory_ / "elsewhere"));
}

TEST_F(Library, InAPathThatLdPreloadCannotHoldStartsNothing) {
  for (const std::string name : {"two words", "a:b", "tab\tbed", "$ORIGIN"}) {
    install(name + "/sockopt", name + "/libsockopt.so");
    const Finished finished = start(name + "/sockopt");
    EXPECT_EQ(status(finished), 125) << name;
    EXPECT_EQ(finished.output, "");
    EXPECT_TRUE(contains(finished.error, "LD_PRELOAD cannot hold a path with"));
  }
}

}  // namespace
}  // namespace sockopt::test
