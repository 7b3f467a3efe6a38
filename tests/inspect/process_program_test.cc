// SPDX-License-Identifier: MIT
//
// The names that rules are held against, read from outside.
#include "tools/inspect/process_program.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/support/process.h"

namespace sockopt::test {
namespace {

std::unique_ptr<ProcessProgram> program_of(pid_t pid) {
  const auto process = ForeignProcess::open(pid);
  EXPECT_TRUE(process);
  auto read = read_program(*process);
  EXPECT_TRUE(read) << read.failure().text();
  return read ? std::move(*read) : nullptr;
}

TEST(ProcessProgram, Executable) {
  Process sleeper({.argv = {"/bin/sleep", "600"}});
  const auto read = program_of(sleeper.pid());
  EXPECT_TRUE(read->program.matches("sleep"));
  EXPECT_TRUE(read->program.matches("*/sleep"));
  EXPECT_FALSE(read->program.matches("600"));
  EXPECT_EQ(read->executed, "/bin/sleep");
}

TEST(ProcessProgram, ScriptThatWasExecuted) {
  const TemporaryDirectory directory;
  const std::string script = directory.write("serve-it", "#!/bin/sh\nsleep 600; true\n", 0755);
  Process shell({.argv = {script}});
  std::unique_ptr<ProcessProgram> read;
  // Until exec has replaced the process that was forked.
  ASSERT_TRUE(eventually(kPatience, [&] {
    read = program_of(shell.pid());
    return read && read->program.matches("serve-it");
  }));
  EXPECT_EQ(read->executed, script);
}

TEST(ProcessProgram, ScriptOfAnInterpreter) {
  const TemporaryDirectory directory;
  const std::string script = directory.write("app.py", "import time\ntime.sleep(600)\n");
  Process python({.argv = {"python3", script}});
  const auto read = program_of(python.pid());
  EXPECT_TRUE(read->program.matches("app.py"));
  EXPECT_TRUE(read->program.matches("python3*"));
}

// What a program writes over its command line is not what it was started by.
TEST(ProcessProgram, ATitleIsNoName) {
  const TemporaryDirectory directory;
  std::filesystem::create_symlink("/usr/bin/perl", directory / "server");
  Process perl({.argv = {directory / "server", "-e", "$0 = 'server *:6379'; sleep 600"}});
  std::unique_ptr<ProcessProgram> read;
  ASSERT_TRUE(eventually(kPatience, [&] {
    read = program_of(perl.pid());
    return read &&
           read_file("/proc/" + std::to_string(perl.pid()) + "/cmdline").starts_with("server *");
  }));
  EXPECT_TRUE(read->program.matches("server"));
  EXPECT_TRUE(read->program.matches("perl*"));
  EXPECT_FALSE(read->program.matches("*6379"));
}

TEST(ProcessProgram, AsTheProcessReadsItself) {
  Program own;
  own.read_self();
  EXPECT_EQ(program_of(getpid())->program.name(), own.name());
}

TEST(ProcessProgram, ExecutableThatWasReplacedSince) {
  const TemporaryDirectory directory;
  const std::string path = directory / "upgraded";
  std::filesystem::copy_file("/bin/sleep", path);
  Process old({.argv = {path, "600"}});
  std::filesystem::remove(path);
  const auto read = program_of(old.pid());
  EXPECT_EQ(read->program.name(), path);
}

TEST(ProcessProgram, OneThatHasEnded) {
  Process ended({.argv = {"true"}});
  ASSERT_TRUE(ended.wait());
  const auto process = ForeignProcess::open(ended.pid());
  ASSERT_TRUE(process);
  EXPECT_FALSE(read_program(*process));
}

}  // namespace
}  // namespace sockopt::test
