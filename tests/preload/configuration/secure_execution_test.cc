// SPDX-License-Identifier: MIT
//
// Programs with rights that their caller lacks, and what they start: the library is loaded into
// them by /etc/ld.so.preload, the caller is nobody and leaves every SOCKOPT_ variable in the
// environment that could do harm. The system's file is heeded, the variables are not.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/preload/configuration/private_system.h"
#include "tests/support/paths.h"
#include "tests/support/script.h"

namespace sockopt::test {
namespace {

using std::string_literals::operator""s;

constexpr char kSystemSettings[] = "[sockopt]\nkeepcnt = 7\n";
const Script kReadingAll =
    "socket s inet; get s TCP_KEEPCNT; get s TCP_KEEPIDLE; get s TCP_KEEPINTVL; "
    "set s TCP_KEEPINTVL 33; get s TCP_KEEPINTVL; open-descriptors";
// What the kernel gives a socket that nobody looks after.
constexpr int kPlainIdle = 7200;

class SecureExecution : public ::testing::Test {
 protected:
  void SetUp() override {
    SOCKOPT_NEEDS_PRIVATE_SYSTEM();
    program_ = directory_ / "actor";
    std::filesystem::copy_file(victim("actor"), program_);
    const auto hostile_file = directory_.write(
        "hostile.ini", "[sockopt]\nkeepidle = 61s\nkeepcnt = 1\nenforce = yes\nnonsense = 1\n");
    ASSERT_EQ(chown(hostile_file.c_str(), 65534, 65534), 0);
    environment_ = plain_environment();
    environment_["LD_PRELOAD"] = library();
    environment_["SOCKOPT_CONFIG"] = hostile_file;
    environment_["SOCKOPT_KEEPIDLE"] = "61s";
    environment_["SOCKOPT_KEEPINTVL"] = "11s";
    environment_["SOCKOPT_KEEPCNT"] = "1";
    environment_["SOCKOPT_ENFORCE"] = "1";
    environment_["SOCKOPT_LOG"] = "debug";
    environment_["SOCKOPT_RAW_6_4"] = "61";
    environment_["SOCKOPT_\x1b[2J"] = "\x1b[2J";
    environment_["LISTEN_FDS"] = "1000";
  }

  Played played(const Script& script, const std::string& user = "65534") {
    Command command = actor(script, environment_);
    command.argv[0] = program_;
    return play(in_system(directory_, {.configuration = kSystemSettings, .user = user}, command));
  }

  // The system's settings and nothing else, and not a word.
  void expect_only_the_systems(const Played& with) {
    EXPECT_EQ(with.number("get s TCP_KEEPCNT"), 7) << with.error();
    EXPECT_EQ(with.number("get s TCP_KEEPIDLE"), kPlainIdle);
    EXPECT_EQ(with.number("get s TCP_KEEPINTVL"), 33) << "enforced, although nobody may ask for it";
    EXPECT_EQ(with.result("open-descriptors"), "0 1 2 3");
    EXPECT_EQ(with.error(), "");
  }

  TemporaryDirectory directory_;
  std::filesystem::path program_;
  Environment environment_;
};

// Nobody may write into a directory that is mounted nosuid; whether it is shows in the ids.
#define SOCKOPT_NEEDS_RIGHTS(played, expected) \
  if ((played).result("ids") != (expected)) GTEST_SKIP() << "the file system is mounted nosuid"

TEST_F(SecureExecution, TheSameProgramWithoutRightsHeedsItsVariables) {
  const Played with = played(kReadingAll);
  EXPECT_EQ(with.number("get s TCP_KEEPIDLE"), 61);
  EXPECT_NE(with.error(), "");
}

TEST_F(SecureExecution, OfASetUserIdProgram) {
  ASSERT_EQ(chmod(program_.c_str(), 04755), 0);
  const Played with = played(Script("ids") + kReadingAll);
  SOCKOPT_NEEDS_RIGHTS(with, "65534 0");
  expect_only_the_systems(with);
}

TEST_F(SecureExecution, OfASetGroupIdProgram) {
  ASSERT_EQ(chown(program_.c_str(), 0, 4), 0);
  ASSERT_EQ(chmod(program_.c_str(), 02755), 0);
  const Played with = played(kReadingAll);
  if (with.number("get s TCP_KEEPIDLE") == 61) GTEST_SKIP() << "the file system is mounted nosuid";
  expect_only_the_systems(with);
}

TEST_F(SecureExecution, OfAProgramWithCapabilities) {
  const Finished set = run({.argv = {"setcap", "cap_net_bind_service=ep", program_}});
  if (!set.success()) GTEST_SKIP() << "no file capabilities here: " << set.error;
  const Played with = played(kReadingAll);
  if (with.number("get s TCP_KEEPIDLE") == 61) GTEST_SKIP() << "the file system is mounted nosuid";
  expect_only_the_systems(with);
}

TEST_F(SecureExecution, CannotBeDisabledByItsCaller) {
  ASSERT_EQ(chmod(program_.c_str(), 04755), 0);
  environment_["SOCKOPT_DISABLE"] = "1";
  const Played with = played(Script("ids") + kReadingAll);
  SOCKOPT_NEEDS_RIGHTS(with, "65534 0");
  expect_only_the_systems(with);
}

TEST_F(SecureExecution, WithoutRightsItCanBeDisabledEvenWithoutLdPreload) {
  environment_ = plain_environment();
  environment_["SOCKOPT_DISABLE"] = "1";
  EXPECT_NE(played(kReadingAll).number("get s TCP_KEEPCNT"), 7);
  environment_.erase("SOCKOPT_DISABLE");
  EXPECT_EQ(played(kReadingAll).number("get s TCP_KEEPCNT"), 7);
}

// LD_PRELOAD is lost on the way, the variables are not, and nothing tells the last program that it
// has more rights than whoever started it all.
TEST_F(SecureExecution, OfAProgramThatRootExecs) {
  ASSERT_EQ(chmod(program_.c_str(), 04755), 0);
  const Script script = Script("setuid 0; ids; exec") + kReadingAll;
  const Played with = played(script);
  SOCKOPT_NEEDS_RIGHTS(with, "0 0");
  expect_only_the_systems(with);
}

TEST_F(SecureExecution, OfAProgramThatIsExecedByOneThatRootExecs) {
  ASSERT_EQ(chmod(program_.c_str(), 04755), 0);
  const Script script =
      Script{"setuid 0", "ids", "exec " + victim("actor").string(), "exec"} + kReadingAll;
  const Played with = played(script);
  SOCKOPT_NEEDS_RIGHTS(with, "0 0");
  expect_only_the_systems(with);
}

TEST_F(SecureExecution, OfAProgramForWhichRootLoadsAnotherLibrary) {
  ASSERT_EQ(chmod(program_.c_str(), 04755), 0);
  const Script script =
      Script{"setuid 0", "ids", "setenv LD_PRELOAD " + victim("libcounting.so").string(), "exec"} +
      kReadingAll;
  const Played with = played(script);
  SOCKOPT_NEEDS_RIGHTS(with, "0 0");
  expect_only_the_systems(with);
}

// What root's program puts into its environment itself is root's word.
TEST_F(SecureExecution, UnlessRootsProgramNamesTheLibraryItself) {
  ASSERT_EQ(chmod(program_.c_str(), 04755), 0);
  environment_.erase("SOCKOPT_CONFIG");
  const Script script =
      Script{"setuid 0", "ids", "setenv LD_PRELOAD " + library().string(), "exec"} + kReadingAll;
  const Played with = played(script);
  SOCKOPT_NEEDS_RIGHTS(with, "0 0");
  EXPECT_EQ(with.number("get s TCP_KEEPIDLE"), 61);
}

// A FIFO whose opening would block, a device whose opening has effects: not even looked at.
TEST_F(SecureExecution, DoesNotOpenWhatItsCallerNames) {
  ASSERT_EQ(chmod(program_.c_str(), 04755), 0);
  const auto fifo = directory_ / "fifo";
  ASSERT_EQ(mkfifo(fifo.c_str(), 0666), 0);
  for (const std::string& name : {fifo.string(), "/dev/tty"s, "relative"s}) {
    environment_["SOCKOPT_CONFIG"] = name;
    const Played with = played(Script("ids; setuid 0; exec") + kReadingAll);
    SOCKOPT_NEEDS_RIGHTS(with, "65534 0");
    expect_only_the_systems(with);
  }
}

}  // namespace
}  // namespace sockopt::test
