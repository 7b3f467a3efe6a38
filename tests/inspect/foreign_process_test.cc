// SPDX-License-Identifier: MIT
//
// That a process is the one that was meant, and that not being allowed to look is never mistaken
// for nothing being there.
#include "tools/inspect/foreign_process.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "tests/support/process.h"
#include "tests/support/requirements.h"
#include "tests/support/users.h"
#include "tools/inspect/process_sockets.h"

namespace sockopt::test {
namespace {

std::string stat_line(const std::string& pid_and_name) {
  return pid_and_name + " S 41 42 42 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 123456 8192 100\n";
}

TEST(ParseProcessStat, PlainName) {
  const auto entry = parse_process_stat(stat_line("42 (nginx)"));
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->pid, 42);
  EXPECT_EQ(entry->parent, 41);
  EXPECT_FALSE(entry->ended);
  EXPECT_EQ(entry->start_time, 123456u);
  EXPECT_EQ(entry->name, "nginx");
}

TEST(ParseProcessStat, NameMadeToMislead) {
  const auto entry = parse_process_stat(stat_line("42 (a) R 1 (b)"));
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->name, "a) R 1 (b");
  EXPECT_EQ(entry->parent, 41);
}

TEST(ParseProcessStat, OnItsWayOut) {
  for (const char* state_to_flags : {"Z 1 42 42 0 -1 4194304", "R 1 42 42 0 -1 4194308"}) {
    const std::string line = std::string("42 (x) ") + state_to_flags;
    EXPECT_TRUE(parse_process_stat(line + " 0 0 0 0 0 0 0 0 20 0 1 0 7 0\n")->ended) << line;
  }
}

TEST(ParseProcessStat, Rubbish) {
  for (const char* line : {"", "42", "42 (x", "42 )x(", "x (y) S 1", "42 (y) S 1 2 3"}) {
    EXPECT_FALSE(parse_process_stat(line)) << line;
  }
}

TEST(Descendants, ChildrenAndTheirChildren) {
  Process shell({.argv = {"sh", "-c", "sh -c 'sleep 600; true' & sleep 600; true"}});
  std::vector<ProcessEntry> found;
  ASSERT_TRUE(eventually(kPatience, [&] {
    found = descendants(shell.pid());
    return std::count_if(found.begin(), found.end(),
                         [](const ProcessEntry& entry) { return entry.name == "sleep"; }) == 2;
  }));
  ASSERT_EQ(found.size(), 3u);
  const auto inner = std::find_if(found.begin(), found.end(),
                                  [](const ProcessEntry& entry) { return entry.name == "sh"; });
  ASSERT_NE(inner, found.end());
  EXPECT_EQ(inner->parent, shell.pid());
  EXPECT_EQ(found.back().parent, inner->pid) << "parents come before their children";
}

TEST(ForeignProcess, KnowsItsProcess) {
  Process sleeper({.argv = {"sleep", "600"}});
  const auto process = ForeignProcess::open(sleeper.pid());
  ASSERT_TRUE(process) << process.failure().text();
  EXPECT_EQ(process->entry().parent, getpid());
  EXPECT_TRUE(process->running());
  const auto inode = process->namespace_inode("net");
  ASSERT_TRUE(inode);
  const auto own = ForeignProcess::open(getpid());
  ASSERT_TRUE(own);
  EXPECT_EQ(*inode, *own->namespace_inode("net"));
  sleeper.stop();
  EXPECT_FALSE(process->running());
}

TEST(ForeignProcess, AnotherThatStartedAtAnotherTime) {
  Process sleeper({.argv = {"sleep", "600"}});
  const auto process = ForeignProcess::open(sleeper.pid());
  ASSERT_TRUE(process);
  const std::uint64_t started = process->entry().start_time;
  EXPECT_TRUE(ForeignProcess::open(sleeper.pid(), started));
  const auto other = ForeignProcess::open(sleeper.pid(), started - 1);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.failure().obstacle, Obstacle::kGone);
}

TEST(ForeignProcess, Gone) {
  pid_t pid = 0;
  {
    Process gone({.argv = {"true"}});
    ASSERT_TRUE(gone.wait());
    pid = gone.pid();
    // Ended, but not reaped: it has no descriptors any more, and that is no secret.
    const ProcessSockets sockets = list_sockets(pid);
    EXPECT_TRUE(sockets.sockets.empty());
    EXPECT_TRUE(!sockets.failure || sockets.failure->obstacle == Obstacle::kGone);
  }
  const ProcessSockets sockets = list_sockets(pid);
  ASSERT_TRUE(sockets.failure);
  EXPECT_EQ(sockets.failure->obstacle, Obstacle::kGone);
  EXPECT_EQ(list_sockets(-1).failure->obstacle, Obstacle::kGone);
}

TEST(ForeignProcess, DescriptorThatIsNotThere) {
  const auto own = ForeignProcess::open(getpid());
  ASSERT_TRUE(own);
  const auto socket = ForeignSocket::open(*own, 1'000'000);
  ASSERT_TRUE(socket) << socket.failure().text();
  EXPECT_FALSE(*socket) << "closed meanwhile is nothing to complain of";
}

TEST(ForeignProcess, MayNotLook) {
  SOCKOPT_NEEDS_ROOT("to be somebody else than the one looked at");
  const pid_t owner = getpid();
  const pid_t child = fork();
  if (child == 0) {
    if (setgid(kNobody) != 0 || setuid(kNobody) != 0) _exit(2);
    const ProcessSockets seen = list_sockets(owner);
    _exit(seen.failure && seen.failure->obstacle == Obstacle::kDenied ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace sockopt::test
