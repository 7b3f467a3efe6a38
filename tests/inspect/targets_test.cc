// SPDX-License-Identifier: MIT
//
// Which processes a word means, on processes that the test started under names of its own.
#include "tools/inspect/targets.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "tests/support/process.h"
#include "tools/inspect/read_small_file.h"

namespace sockopt::test {
namespace {

bool holds(const Targets& targets, pid_t pid) {
  return std::count_if(targets.processes.begin(), targets.processes.end(),
                       [pid](const ProcessEntry& entry) { return entry.pid == pid; }) == 1;
}

// A program under a name that no other process has.
class NamedProgram {
 public:
  explicit NamedProgram(std::string name) : name_(std::move(name) + std::to_string(getpid())) {
    std::filesystem::copy_file("/bin/sleep", path());
  }
  std::string path() const { return directory_ / name_; }
  const std::string& name() const { return name_; }

 private:
  TemporaryDirectory directory_;
  std::string name_;
};

TEST(FindTargets, ByPid) {
  Process sleeper({.argv = {"sleep", "600"}});
  const Targets targets = find_targets({.words = {std::to_string(sleeper.pid())}});
  ASSERT_EQ(targets.processes.size(), 1u);
  EXPECT_EQ(targets.processes[0].pid, sleeper.pid());
  EXPECT_NE(targets.processes[0].start_time, 0u);
  EXPECT_TRUE(targets.unmatched.empty());
}

TEST(FindTargets, ByTheNameOfTheExecutable) {
  const NamedProgram program("long-name-of-a-daemon-");  // longer than the kernel's 15 bytes
  Process first({.argv = {program.path(), "600"}});
  Process second({.argv = {program.path(), "600"}});
  const Targets targets = find_targets({.words = {program.name()}});
  EXPECT_EQ(targets.processes.size(), 2u);
  EXPECT_TRUE(holds(targets, first.pid()) && holds(targets, second.pid()));
  EXPECT_TRUE(find_targets({.words = {program.name() + "x"}}).processes.empty());
  EXPECT_TRUE(find_targets({.words = {program.name().substr(0, 12)}}).processes.empty())
      << "whole names only";
}

TEST(FindTargets, ExecutableThatWasReplacedSince) {
  const NamedProgram program("upgraded");
  Process old({.argv = {program.path(), "600"}});
  std::filesystem::remove(program.path());
  EXPECT_TRUE(holds(find_targets({.words = {program.name()}}), old.pid()));
}

TEST(FindTargets, EachOnceHoweverItIsNamed) {
  const NamedProgram program("twice");
  Process sleeper({.argv = {program.path(), "600"}});
  const Targets targets =
      find_targets({.words = {program.name(), std::to_string(sleeper.pid()), program.name()}});
  EXPECT_EQ(targets.processes.size(), 1u);
  EXPECT_TRUE(targets.unmatched.empty());
}

TEST(FindTargets, WhatNamesNothing) {
  Process sleeper({.argv = {"sleep", "600"}});
  const std::string pid = std::to_string(sleeper.pid());
  const Targets targets = find_targets(
      {.words = {"no-such-program", pid, "4194999"}, .units = {"no-such-unit", "none.scope"}});
  EXPECT_EQ(targets.processes.size(), 1u);
  EXPECT_EQ(targets.unmatched, (std::vector<std::string>{"no-such-program", "4194999",
                                                         "no-such-unit.service", "none.scope"}));
  EXPECT_TRUE(targets.elsewhere.empty());
}

TEST(FindTargets, NotOneThatHasEnded) {
  Process ended({.argv = {"true"}});
  ASSERT_TRUE(ended.wait());
  const Targets targets = find_targets({.words = {std::to_string(ended.pid())}});
  EXPECT_TRUE(targets.processes.empty());
  EXPECT_EQ(targets.unmatched.size(), 1u);
}

TEST(FindTargets, Everything) {
  Process sleeper({.argv = {"sleep", "600"}});
  const Targets targets = find_targets({});
  EXPECT_TRUE(holds(targets, sleeper.pid()));
  EXPECT_TRUE(holds(targets, getpid()));
  EXPECT_TRUE(
      std::is_sorted(targets.processes.begin(), targets.processes.end(),
                     [](const ProcessEntry& a, const ProcessEntry& b) { return a.pid < b.pid; }));
}

// They have no sockets, and nobody but root may look.
TEST(FindTargets, NotThoseOfTheKernelUnlessTheyAreNamed) {
  const std::vector<ProcessEntry> all = list_processes();
  const auto thread = std::find_if(all.begin(), all.end(),
                                   [](const ProcessEntry& process) { return process.of_kernel; });
  if (thread == all.end()) GTEST_SKIP() << "this /proc shows no thread of the kernel";
  EXPECT_FALSE(holds(find_targets({}), thread->pid)) << thread->name;
  EXPECT_TRUE(holds(find_targets({.words = {std::to_string(thread->pid)}}), thread->pid));
}

TEST(FindTargets, NotTheCallerByName) {
  const std::string own = std::filesystem::read_symlink("/proc/self/exe").filename();
  EXPECT_FALSE(holds(find_targets({.words = {own}}), getpid()));
  EXPECT_TRUE(holds(find_targets({.words = {std::to_string(getpid())}}), getpid()));
}

// A name is of the caller's namespaces; a number is what it is.
TEST(FindTargets, NamesOfOtherNamespaces) {
  const NamedProgram program("contained");
  for (const char* kind : {"--net", "--pid"}) {
    Process unshare({.argv = {"unshare", "--kill-child", "--fork", kind, program.path(), "600"},
                     .stop_signal = SIGKILL});
    std::vector<ProcessEntry> children;
    const bool started = eventually(kPatience, [&] {
      children = descendants(unshare.pid());
      return !unshare.running() || (children.size() == 1 && children[0].name != "unshare");
    });
    if (!unshare.running()) GTEST_SKIP() << unshare.error();
    ASSERT_TRUE(started);
    const pid_t inside = children[0].pid;
    const Targets here = find_targets({.words = {program.name()}});
    EXPECT_FALSE(holds(here, inside)) << kind;
    EXPECT_EQ(here.elsewhere, std::vector<std::string>{program.name()});
    EXPECT_TRUE(holds(find_targets({.words = {program.name()}, .all_namespaces = true}), inside));
    EXPECT_TRUE(holds(find_targets({.words = {std::to_string(inside)}}), inside));
  }
}

// Where cgroups may be made: a process put into one that is named like a unit.
TEST(FindTargets, ByUnit) {
  std::string root = "/sys/fs/cgroup";
  if (!std::filesystem::exists(root + "/cgroup.procs")) root += "/unified";
  const std::string unit = "sockopt-test-" + std::to_string(getpid()) + ".service";
  const std::string cgroup = root + "/" + unit;
  if (mkdir(cgroup.c_str(), 0755) != 0) GTEST_SKIP() << cgroup << ": " << strerror(errno);
  {
    Process inside({.argv = {"sleep", "600"}});
    std::ofstream(cgroup + "/cgroup.procs") << inside.pid();
    const Targets targets = find_targets({.units = {unit}});
    EXPECT_EQ(targets.processes.size(), 1u);
    EXPECT_TRUE(holds(targets, inside.pid()));
    EXPECT_TRUE(targets.unmatched.empty());
    const std::string without_suffix = unit.substr(0, unit.find('.'));
    EXPECT_TRUE(holds(find_targets({.units = {without_suffix}}), inside.pid()));
  }
  EXPECT_TRUE(eventually(kPatience, [&] { return rmdir(cgroup.c_str()) == 0; }));
}

}  // namespace
}  // namespace sockopt::test
