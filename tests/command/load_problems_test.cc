// SPDX-License-Identifier: MIT
//
// Programs that LD_PRELOAD does not reach: `sockopt run` says so, and starts them all the same.
// Where rights change, the loader itself tells whether what was said is true: it takes LD_PRELOAD
// out of the environment when it ignores it.
#include <elf.h>
#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <filesystem>

#include "tests/support/paths.h"
#include "tests/support/requirements.h"
#include "tests/support/sockopt_command.h"

namespace sockopt::test {
namespace {

namespace fs = std::filesystem;

constexpr char kWarning[] = "runs without options: ";

std::string program(const std::string& name) { return SOCKOPT_PROGRAM_DIR "/" + name; }

Finished start(const std::vector<std::string>& words, const Environment& variables = {}) {
  std::vector<std::string> arguments = {"run", "-o", "nodelay=on"};
  arguments.insert(arguments.end(), words.begin(), words.end());
  return sockopt(std::move(arguments), variables);
}

void expect_warning(const Finished& finished, const std::string& file, const std::string& why) {
  EXPECT_EQ(status(finished), 3) << "the program was not started";
  EXPECT_TRUE(finished.error.starts_with("sockopt: warning: " + file + ": " + kWarning + why))
      << finished.error;
  EXPECT_EQ(count(finished.error, "\n"), 1) << finished.error;
}

TEST(Hindrance, ThereIsNoneForAnOrdinaryProgram) {
  const Finished finished = start({program("dynamic_program")});
  EXPECT_EQ(status(finished), 3);
  EXPECT_EQ(finished.error, "");
}

TEST(Hindrance, StaticPrograms) {
  for (const char* name : {"static_program", "static_pie_program"}) {
    expect_warning(start({program(name)}), program(name), "it is statically linked, ");
  }
}

TEST(Hindrance, GoPrograms) {
  expect_warning(start({program("go_program")}), program("go_program"),
                 "Go programs make their system calls without libc, ");
}

TEST(Hindrance, ProgramsInThePath) {
  expect_warning(start({"static_program"}, {{"PATH", SOCKOPT_PROGRAM_DIR}}),
                 program("static_program"), "it is statically linked, ");
  // An empty entry is the current directory.
  Command started = command({"run", "-o", "nodelay=on", "static_program"}, {{"PATH", "/bin:"}});
  started.directory = SOCKOPT_PROGRAM_DIR;
  expect_warning(run(started), "./static_program", "it is statically linked, ");
}

TEST(Hindrance, InterpretersOfScripts) {
  const TemporaryDirectory directory;
  const std::string direct =
      directory.write("direct", "#! " + program("static_program") + " -x\n", 0755);
  const std::string nested = directory.write("nested", "#!" + direct + "\n", 0755);
  const std::string by_env =
      directory.write("by_env", "#!/usr/bin/env -S A=b static_program -x\n", 0755);
  for (const std::string& script : {direct, nested, by_env}) {
    expect_warning(start({script}, {{"PATH", SOCKOPT_PROGRAM_DIR ":/usr/bin:/bin"}}),
                   program("static_program"), "it is statically linked, ");
  }
}

// It hands LD_PRELOAD on.
TEST(Hindrance, ThereIsNoneInAStaticProgramThatOnlyStartsAnother) {
  const TemporaryDirectory directory;
  const std::string wrapper = directory / "tini-static";
  fs::copy_file(program("static_program"), wrapper);
  const Finished finished = start({wrapper, "-s", "--", program("dynamic_program")});
  EXPECT_EQ(status(finished), 3);
  EXPECT_EQ(finished.error, "");
  const Finished unknown = start({program("static_program"), program("dynamic_program")});
  EXPECT_TRUE(contains(unknown.error, "gets no options itself, what it starts can"));
  EXPECT_FALSE(contains(unknown.error, "runs without options"));
}

TEST(Hindrance, StartLinesThatDropOrReplaceLdPreload) {
  const auto said = [](const std::vector<std::string>& words) { return start(words).error; };
  EXPECT_TRUE(contains(said({"env", "-u", "LD_PRELOAD", program("dynamic_program")}),
                       "sockopt: warning: env -u LD_PRELOAD removes LD_PRELOAD: the program runs "
                       "without options; env -u LD_PRELOAD /usr/bin/env LD_PRELOAD="));
  EXPECT_TRUE(contains(said({"sh", "-c", "unset LD_PRELOAD; exec " + program("dynamic_program")}),
                       "sh -c removes LD_PRELOAD"));
  EXPECT_EQ(said({"env", "A=1", program("dynamic_program")}), "");
}

// The line that it prints instead, to the letter.
TEST(Hindrance, WhatItPrintsHandsTheLibraryOn) {
  const TemporaryDirectory directory;
  const std::string file = directory.write("my file.ini", "[sockopt]\nkeepcnt = 3\n");
  for (const std::vector<std::string>& start : {std::vector<std::string>{"env", "-i"},
                                                {"env", "-u", "LD_PRELOAD"},
                                                {"env", "LD_PRELOAD="},
                                                {"setpriv", "--reset-env"},
                                                {"nice", "env", "-i"}}) {
    std::vector<std::string> words = {"run", "-c", file, "-o", "nodelay=on"};
    words.insert(words.end(), start.begin(), start.end());
    words.emplace_back("/usr/bin/env");
    const Finished finished = sockopt(words);
    constexpr std::string_view kFix = "without options; ";
    const std::size_t at = finished.error.find(kFix);
    ASSERT_NE(at, std::string::npos) << finished.error;
    const Finished done = run({.argv = {"bash", "-c", finished.error.substr(at + kFix.size())}});
    EXPECT_TRUE(done.success()) << done.error;
    EXPECT_TRUE(contains(done.output, "LD_PRELOAD=" + library().native())) << finished.error;
    EXPECT_TRUE(contains(done.output, "SOCKOPT_NODELAY=on\n")) << finished.error;
    EXPECT_TRUE(contains(done.output, "SOCKOPT_CONFIG=" + file + "\n")) << finished.error;
  }
}

TEST(Hindrance, ThereIsNoneForTheLoaderItself) {
  const std::string loader = "/lib64/ld-linux-x86-64.so.2";
  if (access(loader.c_str(), X_OK) != 0) GTEST_SKIP() << "no " << loader << " here";
  const Finished finished = start({loader, program("dynamic_program")});
  EXPECT_EQ(status(finished), 3);
  EXPECT_EQ(finished.error, "");
}

TEST(Hindrance, ProgramsForAnotherMachine) {
  const TemporaryDirectory directory;
  std::string bytes = read_file(program("static_program"));
  ASSERT_GT(bytes.size(), sizeof(Elf64_Ehdr));
  bytes[offsetof(Elf64_Ehdr, e_machine)] = static_cast<char>(EM_S390);
  bytes[offsetof(Elf64_Ehdr, e_machine) + 1] = 0;
  const std::string foreign = directory.write("foreign", bytes, 0755);
  Command started = command({"run", "-o", "nodelay=on", foreign});
  started.directory = directory.path();
  // Whether this host can execute it is not our affair.
  EXPECT_TRUE(contains(run(started).error,
                       "sockopt: warning: " + foreign + ": " + kWarning + "it is a 64-bit s390 "));
}

// A copy of printenv with other rights, on a file system that heeds them.
class Rights : public testing::Test {
 protected:
  void SetUp() override {
    SOCKOPT_NEEDS_ROOT("to give files away");
    struct statvfs mount = {};
    ASSERT_EQ(statvfs(directory_.path().c_str(), &mount), 0);
    if ((mount.f_flag & ST_NOSUID) != 0) GTEST_SKIP() << directory_.path() << " is nosuid";
    fs::copy_file(fs::canonical("/usr/bin/printenv"), file_);
  }

  void give(uid_t user, gid_t group, mode_t mode) {
    ASSERT_EQ(chown(file_.c_str(), user, group), 0);
    ASSERT_EQ(chmod(file_.c_str(), mode), 0);
  }

  Finished start_as(const std::string& user) {
    Command started = command({"run", "-o", "nodelay=on", file_, "LD_PRELOAD"});
    started.user = user;
    return run(started);
  }

  // That what is said is what happens.
  void expect_reached(const std::string& user) {
    const Finished finished = start_as(user);
    EXPECT_EQ(status(finished), 0) << finished.error;
    EXPECT_TRUE(contains(finished.output, "libsockopt.so"));
    EXPECT_EQ(finished.error, "");
  }
  void expect_not_reached(const std::string& user, const std::string& why) {
    const Finished finished = start_as(user);
    EXPECT_EQ(status(finished), 1) << "printenv found LD_PRELOAD";
    EXPECT_EQ(finished.output, "");
    EXPECT_TRUE(contains(finished.error, file_ + ": " + kWarning + why));
  }

  static constexpr uid_t kNobody = 65534;
  TemporaryDirectory directory_;
  std::string file_ = directory_ / "printenv";
};

TEST_F(Rights, OrdinaryOnesAreNoHindrance) {
  give(0, 0, 0755);
  expect_reached("root");
  expect_reached("nobody");
}

TEST_F(Rights, SetUserIdOfRootHindersOthersOnly) {
  give(0, 0, 04755);
  expect_reached("root");
  expect_not_reached("nobody", "it runs with the rights of user root (set-user-ID), ");
}

TEST_F(Rights, SetUserIdOfAnotherUserHindersRootToo) {
  give(kNobody, 0, 04755);
  expect_not_reached("root", "it runs with the rights of user nobody (set-user-ID), ");
  expect_reached("nobody");
}

TEST_F(Rights, SetGroupIdCountsWithTheGroupsExecuteBitOnly) {
  give(0, kNobody, 02755);
  expect_not_reached("root", "it runs with the rights of group 65534 (set-group-ID), ");
  give(0, kNobody, 02745);
  expect_reached("root");
}

TEST_F(Rights, FileCapabilitiesHinderOthersThanRoot) {
  give(0, 0, 0755);
  vfs_cap_data data = {};
  data.magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE;
  data.data[0].permitted = 1U << CAP_NET_BIND_SERVICE;
  if (setxattr(file_.c_str(), "security.capability", &data, sizeof data, 0) != 0) {
    GTEST_SKIP() << "file capabilities cannot be set in " << directory_.path();
  }
  expect_reached("root");
  expect_not_reached("nobody", "it has file capabilities, ");
}

TEST_F(Rights, AScriptsOwnBitsAreIgnored) {
  const std::string script = directory_.write("script", "#!/bin/sh\nprintenv LD_PRELOAD\n", 0755);
  ASSERT_EQ(chown(script.c_str(), kNobody, 0), 0);
  ASSERT_EQ(chmod(script.c_str(), 04755), 0);
  const Finished finished = start({script});
  EXPECT_EQ(status(finished), 0);
  EXPECT_TRUE(contains(finished.output, "libsockopt.so"));
  EXPECT_EQ(finished.error, "");
}

TEST_F(Rights, AFileThatCannotBeReadIsStarted) {
  give(0, 0, 0711);
  expect_reached("nobody");
}

}  // namespace
}  // namespace sockopt::test
