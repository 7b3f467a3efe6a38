// SPDX-License-Identifier: MIT
//
// What comes from outside and is trusted or not: files that others could have written, files that
// are none, variables where LD_PRELOAD does not name the library, and set-user-ID programs. In all
// cases the program runs, does not wait, and what was refused is said with the reason.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/paths.h"
#include "tests/support/requirements.h"
#include "tests/support/script.h"
#include "tests/support/users.h"

namespace sockopt::test {
namespace {

constexpr char kTrusted[] = "[sockopt]\nkeepidle = 61s\n";
const Script kScript = "socket s inet; get s TCP_KEEPIDLE; open-descriptors";

class TrustTest : public ::testing::Test {
 protected:
  // The file is not heeded, and `reason` says why.
  void expect_refused(const std::filesystem::path& file, const std::string& reason,
                      const std::string& user = {}) const {
    Command command = actor(kScript, shim_environment({{"SOCKOPT_CONFIG", file}}));
    command.user = user;
    const Played with = play(command);
    EXPECT_EQ(with.lines, play_plainly(kScript).lines);
    EXPECT_EQ(occurrences(with.error(), reason), 1) << with.error();
    EXPECT_EQ(occurrences(with.error(), "\n"), 1) << with.error();
  }
  void expect_heeded(const std::filesystem::path& file, const std::string& user = {}) const {
    Command command = actor(kScript, shim_environment({{"SOCKOPT_CONFIG", file}}));
    command.user = user;
    const Played with = play(command);
    EXPECT_EQ(with.number("get s TCP_KEEPIDLE"), 61);
    EXPECT_EQ(with.error(), "");
  }
  std::filesystem::path file(const std::string& name, mode_t mode = 0644) const {
    return directory_.write(name, kTrusted, mode);
  }
  TemporaryDirectory directory_;
};

TEST_F(TrustTest, AFileOfOnesOwn) {
  expect_heeded(file("sockopt.ini"));
  expect_heeded(file("private.ini", 0600));
}

TEST_F(TrustTest, ALinkToOne) {
  const auto link = directory_ / "link.ini";
  std::filesystem::create_symlink(file("sockopt.ini"), link);
  expect_heeded(link);
}

TEST_F(TrustTest, AFileThatItsGroupCanWrite) {
  expect_refused(file("sockopt.ini", 0664), "can be written by its group");
}

TEST_F(TrustTest, AFileThatAnyoneCanWrite) {
  expect_refused(file("sockopt.ini", 0646), "can be written by anyone");
}

TEST_F(TrustTest, ALinkToAFileThatAnyoneCanWrite) {
  const auto link = directory_ / "link.ini";
  std::filesystem::create_symlink(file("sockopt.ini", 0666), link);
  expect_refused(link, "can be written by anyone");
}

TEST_F(TrustTest, AFileOfAnotherUser) {
  SOCKOPT_NEEDS_ROOT("to be other users");
  const auto theirs = file("sockopt.ini");
  ASSERT_EQ(chown(theirs.c_str(), kNobody, 0), 0);
  expect_refused(theirs, "is owned by user 65534");
  expect_heeded(theirs, "nobody");
  ASSERT_EQ(chown(theirs.c_str(), 1, 0), 0);
  expect_refused(theirs, "is owned by user 1, not by root or user 65534", "nobody");
}

TEST_F(TrustTest, AFileOfRoot) {
  SOCKOPT_NEEDS_ROOT("to be other users");
  expect_heeded(file("sockopt.ini"), "nobody");
}

TEST_F(TrustTest, AFileThatCannotBeRead) {
  SOCKOPT_NEEDS_ROOT("to be other users");
  expect_refused(file("sockopt.ini", 0600), "permission denied", "nobody");
}

TEST_F(TrustTest, ADirectoryThatCannotBeEntered) {
  SOCKOPT_NEEDS_ROOT("to be other users");
  std::filesystem::create_directory(directory_ / "closed");
  const auto inside = file("closed/sockopt.ini");
  ASSERT_EQ(chmod((directory_ / "closed").c_str(), 0700), 0);
  expect_refused(inside, "permission denied", "nobody");
}

TEST_F(TrustTest, AFifo) {
  const auto fifo = directory_ / "fifo";
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  expect_refused(fifo, "is a FIFO, not a regular file");
}

TEST_F(TrustTest, ADirectory) {
  expect_refused(directory_.path(), "is a directory, not a regular file");
}
TEST_F(TrustTest, Zeroes) { expect_refused("/dev/zero", "is a device, not a regular file"); }
TEST_F(TrustTest, Nothing) { expect_refused("/dev/null", "is a device, not a regular file"); }

TEST_F(TrustTest, AHugeFile) {
  const auto huge = file("sockopt.ini");
  ASSERT_EQ(truncate(huge.c_str(), 1L << 30), 0);
  expect_refused(huge, "is larger than 1 MiB");
}

TEST_F(TrustTest, AFileOfProc) {
  // It says that it has no bytes, and has some.
  Command command = actor(kScript, shim_environment({{"SOCKOPT_CONFIG", "/proc/self/status"}}));
  EXPECT_EQ(play(command).lines, play_plainly(kScript).lines);
}

TEST_F(TrustTest, ALoopOfLinks) {
  std::filesystem::create_symlink("b", directory_ / "a");
  std::filesystem::create_symlink("a", directory_ / "b");
  Command command = actor(kScript, shim_environment({{"SOCKOPT_CONFIG", directory_ / "a"}}));
  const Played with = play(command);
  EXPECT_EQ(with.lines, play_plainly(kScript).lines);
  EXPECT_EQ(occurrences(with.error(), "not read"), 1) << with.error();
}

TEST_F(TrustTest, ARelativePath) {
  Command command = actor(kScript, shim_environment({{"SOCKOPT_CONFIG", "sockopt.ini"}}));
  file("sockopt.ini");
  command.directory = directory_.path();
  const Played with = play(command);
  EXPECT_EQ(with.lines, play_plainly(kScript).lines);
  EXPECT_EQ(occurrences(with.error(), "takes an absolute path"), 1) << with.error();
}

// Variables are heeded beside LD_PRELOAD only.

// The program with the library loaded by the dynamic linker's own option, not by LD_PRELOAD.
Command loaded_otherwise(const Script& script, Environment environment) {
  Command command = actor(script, environment);
  command.argv.insert(command.argv.begin(), {dynamic_linker(), "--preload", library()});
  return command;
}

TEST_F(TrustTest, VariablesWithoutLdPreloadAreNotHeeded) {
  Environment environment = plain_environment();
  environment["SOCKOPT_KEEPIDLE"] = "61s";
  environment["SOCKOPT_CONFIG"] = file("sockopt.ini");
  environment["SOCKOPT_NONSENSE"] = "1";
  Played with = play(loaded_otherwise(kScript, environment));
  EXPECT_EQ(with.lines, play_plainly(kScript).lines);
  EXPECT_EQ(with.error(), "");
  environment["LD_PRELOAD"] = victim("libcounting.so");
  with = play(loaded_otherwise(kScript, environment));
  EXPECT_NE(with.number("get s TCP_KEEPIDLE"), 61);
  // It was loaded, and would have done it.
  environment["LD_PRELOAD"] = library();
  with = play(loaded_otherwise(kScript, environment));
  EXPECT_EQ(with.number("get s TCP_KEEPIDLE"), 61);
}

// The program with `text` as the system's configuration file, in a mount namespace of its own.
Command with_system_file(const TemporaryDirectory& directory, const std::string& text,
                         Command command) {
  const auto file = directory.write("system.ini", text);
  const std::filesystem::path place = SOCKOPT_DEFAULT_CONFIG;
  command.argv.insert(command.argv.begin(),
                      {"unshare", "--mount", "sh", "-c",
                       "mount -t tmpfs none \"$1\" && cp \"$2\" \"$3\" && shift 3 && exec \"$@\"",
                       "sh", place.parent_path(), file, place});
  return command;
}

bool can_mount() {
  const std::filesystem::path place = std::filesystem::path(SOCKOPT_DEFAULT_CONFIG).parent_path();
  return geteuid() == 0 && place != "/etc" && std::filesystem::is_directory(place) &&
         run({.argv = {"unshare", "--mount", "mount", "-t", "tmpfs", "none", place}}).success();
}

TEST_F(TrustTest, TheSystemsFileIsHeededWithoutLdPreload) {
  if (!can_mount()) GTEST_SKIP() << "cannot mount over the directory of " SOCKOPT_DEFAULT_CONFIG;
  Environment environment = plain_environment();
  environment["SOCKOPT_KEEPIDLE"] = "99s";
  const Played with =
      play(with_system_file(directory_, kTrusted, loaded_otherwise(kScript, environment)));
  EXPECT_EQ(with.number("get s TCP_KEEPIDLE"), 61);
  EXPECT_EQ(with.error(), "");
  // Whoever wants the library out of the way may still say so.
  environment["SOCKOPT_DISABLE"] = "1";
  const Played disabled =
      play(with_system_file(directory_, kTrusted, loaded_otherwise(kScript, environment)));
  EXPECT_NE(disabled.number("get s TCP_KEEPIDLE"), 61);
}

TEST_F(TrustTest, TheSystemsFileIsReadWithoutVariables) {
  if (!can_mount()) GTEST_SKIP() << "cannot mount over the directory of " SOCKOPT_DEFAULT_CONFIG;
  const Played with =
      play(with_system_file(directory_, kTrusted, actor(kScript, shim_environment())));
  EXPECT_EQ(with.number("get s TCP_KEEPIDLE"), 61);
}

TEST_F(TrustTest, ARenamedLibraryIsNamedByItsNewName) {
  const auto copy = directory_ / "libother.so";
  std::filesystem::copy_file(library(), copy);
  Environment environment = variables({{"KEEPIDLE", "61s"}});
  environment["LD_PRELOAD"] = copy;
  EXPECT_EQ(play(kScript, environment).number("get s TCP_KEEPIDLE"), 61);
}

// Set-user-ID programs: the dynamic linker keeps a library in a path away from them.

class SetUserIdTest : public TrustTest {
 protected:
  void SetUp() override {
    SOCKOPT_NEEDS_ROOT("to be other users");
    program_ = directory_ / "actor";
    std::filesystem::copy_file(victim("actor"), program_);
    ASSERT_EQ(chmod(program_.c_str(), 04755), 0);
  }
  Command as_nobody(const Script& script, const Environment& environment) const {
    Command command = actor(script, environment);
    command.argv[0] = program_;
    command.user = "nobody";
    return command;
  }
  std::filesystem::path program_;
};

TEST_F(SetUserIdTest, IsUnaffected) {
  const Script script = kScript + "ids";
  const Played without = play(as_nobody(script, plain_environment()));
  if (without.result("ids") != "65534 0") GTEST_SKIP() << "the file system is mounted nosuid";
  const Played with =
      play(as_nobody(script, variables({{"KEEPIDLE", "61s"}, {"CONFIG", file("sockopt.ini")}})));
  EXPECT_EQ(with.lines, without.lines);
}

TEST_F(SetUserIdTest, DescendantsDoNotHeedItsCallersVariables) {
  // nobody calls it; it becomes root entirely and starts another program, in which the library is
  // loaded by other means. LD_PRELOAD is gone there, the variables are not.
  const Played without = play(as_nobody("ids", plain_environment()));
  if (without.result("ids") != "65534 0") GTEST_SKIP() << "the file system is mounted nosuid";
  play(as_nobody({"setuid 0", "ids = 0 0",
                  "exec " + dynamic_linker().string() + " --preload " + library().string() + " " +
                      victim("actor").string(),
                  "socket s inet", "get s TCP_KEEPIDLE != 61"},
                 variables({{"KEEPIDLE", "61s"}})));
}

TEST_F(TrustTest, InAChrootWithoutAnything) {
  SOCKOPT_NEEDS_ROOT("to be other users");
  play_with(
      {{"KEEPIDLE", "61s"}},
      Script{"listener l", "chroot " + directory_.path().string(), "setuid 65534", "client c l",
             "accept a l", "get a TCP_KEEPIDLE = 61", "socket s inet", "get s TCP_KEEPIDLE = 61"});
}

}  // namespace
}  // namespace sockopt::test
