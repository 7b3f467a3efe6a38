// SPDX-License-Identifier: MIT
//
// What could not be seen is said, each process with what would be needed, and never looks like "no
// sockets". What is gone meanwhile is nothing to speak of.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

#include "tests/support/requirements.h"
#include "tests/support/shown_sockets.h"
#include "tools/inspect/process_tree.h"

namespace sockopt::test {
namespace {

constexpr const char* kUnreadListener = "l = socket.create_server(('127.0.0.1', 0))";

class UnreadableProcess : public testing::Test {
 protected:
  void SetUp() override {
    SOCKOPT_NEEDS_ROOT("to become somebody else");
    file_ = directory_.write("empty.ini", "");
  }

  // The command as somebody who is not root.
  Finished show_as_nobody(std::vector<std::string> arguments) const {
    return show_behind({"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"},
                       std::move(arguments));
  }

  Finished show_behind(std::vector<std::string> before, std::vector<std::string> arguments) const {
    Command started = command({"show", "-c", file_});
    started.argv.insert(started.argv.begin(), before.begin(), before.end());
    started.argv.insert(started.argv.end(), arguments.begin(), arguments.end());
    return run(started);
  }

  TemporaryDirectory directory_;
  std::string file_;
};

TEST_F(UnreadableProcess, ProcessOfAnotherUser) {
  const Holder holder(kUnreadListener);
  const Finished shown = show_as_nobody({holder.word()});
  EXPECT_EQ(status(shown), 3);
  EXPECT_EQ(shown.error, "sockopt: python3(" + holder.word() +
                             "): unreadable: it runs as another user (uid 0): needs "
                             "CAP_SYS_PTRACE\n");
  EXPECT_TRUE(contains(shown.output, "1 process unreadable (CAP_SYS_PTRACE).\n"));
}

TEST_F(UnreadableProcess, InJsonAndMetrics) {
  const Holder holder(kUnreadListener);
  const auto json = nlohmann::json::parse(show_as_nobody({holder.word(), "--json"}).output);
  EXPECT_EQ(json["sockets"].size(), 0u);
  ASSERT_EQ(json["unreadable"].size(), 1u);
  EXPECT_EQ(json["unreadable"][0], (nlohmann::json{{"pid", holder.pid()},
                                                   {"program", "python3"},
                                                   {"reason", "it runs as another user (uid 0)"},
                                                   {"needs", "CAP_SYS_PTRACE"}}));
  EXPECT_TRUE(contains(show_as_nobody({holder.word(), "--prometheus"}).output,
                       "sockopt_processes{reach=\"unreadable\"} 1\n"));
}

// A timer that ends with 3 is a failed unit, for one process that nobody may read.
TEST_F(UnreadableProcess, IsCountedInAFileOfMetricsAndNoFailureOfTheTimer) {
  const Holder holder(kUnreadListener);
  const TemporaryDirectory directory;
  std::filesystem::permissions(directory.path(), std::filesystem::perms::all);
  const std::string path = directory / "sockopt.prom";
  const Finished timer = show_as_nobody({holder.word(), "--prometheus", "-O", path});
  EXPECT_EQ(status(timer), 0) << timer.error;
  EXPECT_TRUE(contains(read_file(path), "sockopt_processes{reach=\"unreadable\"} 1\n"));
}

TEST_F(UnreadableProcess, TheRestIsShownAllTheSame) {
  const Holder theirs(kUnreadListener);
  const Holder own(kUnreadListener,
                   {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"});
  const Finished shown = show_as_nobody({theirs.word(), own.word()});
  EXPECT_EQ(status(shown), 3);
  EXPECT_EQ(count(shown.output, "LISTEN"), 1) << shown.output;
  EXPECT_TRUE(contains(shown.output, "python3(" + own.word() + ")"));
}

// Their names are not cut, and it is said that there are more.
TEST_F(UnreadableProcess, MoreThanAreGoodToRead) {
  const Holder holder(
      "for i in range(60):\n"
      "  if os.fork() == 0:\n"
      "    ctypes.CDLL(None).prctl(1, 9)\n"
      "    time.sleep(600); os._exit(0)");
  const Finished shown = show_as_nobody({});
  const std::string line = line_with(shown.error, " more (--json");
  const std::size_t end =
      line.find(" more (--json names all): unreadable: it runs as another user");
  ASSERT_NE(end, std::string::npos) << shown.error;
  const std::size_t before = line.rfind(" and ", end);
  EXPECT_EQ(line[before - 1], ')') << line;
  EXPECT_GT(std::stoi(line.substr(before + 5)), 10) << line;
  EXPECT_LT(line.size(), 500u);
  const auto json = nlohmann::json::parse(show_as_nobody({"--json"}).output);
  EXPECT_GE(json["unreadable"].size(), 60u);
}

// Nobody else may look into them either, and there is nothing to be seen.
TEST_F(UnreadableProcess, ThreadsOfTheKernelAreNotMissed) {
  const std::string thread = "kthreadd(2)";
  if (read_file("/proc/2/comm") != "kthreadd\n") GTEST_SKIP() << "/proc does not show " << thread;
  const Finished shown = show_as_nobody({});
  EXPECT_TRUE(contains(shown.error, "unreadable: ")) << "init is missed";
  EXPECT_EQ(count(shown.error, thread), 0) << shown.error;
}

// Root's own directories open for root, whatever may be read in them then.
TEST_F(UnreadableProcess, DirectoryThatOpensAndLinksThatMayNotBeRead) {
  const Holder holder(kUnreadListener,
                      {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"});
  const Finished shown = show_behind({"setpriv", "--bounding-set=-sys_ptrace"}, {holder.word()});
  EXPECT_EQ(status(shown), 3) << shown.output;
  EXPECT_TRUE(contains(shown.error, "needs CAP_SYS_PTRACE"));
}

TEST_F(UnreadableProcess, NoSuchProcess) {
  const Finished shown = show({"no-such-program", own_word(), "-u", "no-such-unit"}, "", 1);
  EXPECT_EQ(shown.error,
            "sockopt: no-such-program: no such process\n"
            "sockopt: no-such-unit.service: there is no such unit\n");
  EXPECT_TRUE(contains(shown.output, "0 groups")) << "the rest is shown";
}

TEST_F(UnreadableProcess, EndedMeanwhile) {
  Process ended({.argv = {"true"}});
  ASSERT_TRUE(ended.wait());
  const Finished shown = show({std::to_string(ended.pid())}, "", 1);
  EXPECT_TRUE(contains(shown.error, ": no such process\n"));
}

// Of a process whose main thread has ended, the kernel tells by its number only that it has.
TEST_F(UnreadableProcess, ProcessThatLivesOnInItsThreads) {
  Holder holder(
      "import threading\n"
      "l = socket.create_server(('127.0.0.1', 0))\n"
      "threading.Thread(target=lambda: time.sleep(600)).start()\n"
      "print('ready', os.getpid(), flush=True)\n"
      "ctypes.CDLL(None).syscall(60, 0)");  // exit(2), of this thread alone
  ASSERT_TRUE(eventually(kPatience, [&] {
    const auto entry = parse_process_stat(read_file("/proc/" + holder.word() + "/stat"));
    return entry && entry->ended;
  }));
  const auto json = show_json({holder.word()}, "[sockopt]\nnodelay = on\n");
  ASSERT_EQ(json["sockets"].size(), 1u);
  EXPECT_EQ(json["sockets"][0]["owners"][0]["pid"], holder.pid());
  EXPECT_EQ(json["sockets"][0]["owners"][0]["program"], "python3");
  EXPECT_EQ(json["sockets"][0]["options"]["nodelay"]["ok"], false);
  EXPECT_TRUE(contains(sockopt({"show"}).output, "python3(" + holder.word() + ")"));
  EXPECT_EQ(status(sockopt({"apply", "--no-file", "-o", "nodelay=on", holder.word()})), 0);
  EXPECT_EQ(show_json({holder.word()})["sockets"][0]["options"]["nodelay"]["value"], 1);
  const Finished examined = sockopt({"doctor", holder.word()});
  EXPECT_TRUE(contains(examined.output, "LD_PRELOAD was not set")) << examined.error;
}

// Processes come and go, and so do their descriptors: no complaint, and what stays is seen each
// time.
TEST_F(UnreadableProcess, WhatComesAndGoes) {
  const Holder churn(
      "stays = socket.create_server(('127.0.0.1', 0))\n"
      "import threading\n"
      "def sockets():\n"
      "  while True:\n"
      "    some = [socket.socket() for i in range(50)]\n"
      "    for s in some: s.close()\n"
      "def processes():\n"
      "  while True:\n"
      "    pid = os.fork()\n"
      "    if pid == 0: os._exit(0)\n"
      "    os.waitpid(pid, 0)\n"
      "for work in sockets, processes: threading.Thread(target=work, daemon=True).start()");
  for (int i = 0; i < 30; ++i) {
    const Finished shown = show({churn.word(), "python3"});
    EXPECT_GE(count(shown.output, "LISTEN"), 1) << shown.output;
    EXPECT_EQ(shown.error, "");
  }
}

// Most of them no sockets.
TEST_F(UnreadableProcess, AsManyDescriptorsAsAProcessMayHave) {
  const Holder holder(
      "limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]\n"
      "most = min(limit - 100, 100000)\n"
      "resource.setrlimit(resource.RLIMIT_NOFILE, (most + 100, limit))\n"
      "null = os.open('/dev/null', os.O_RDONLY)\n"
      "for i in range(most - 10): os.dup(null)\n"
      "l = socket.create_server(('127.0.0.1', 0))\n"
      "assert l.fileno() > most - 20");
  const auto json = show_json({holder.word()});
  ASSERT_EQ(json["sockets"].size(), 1u);
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  const int fd = json["sockets"][0]["owners"][0]["fd"];
  EXPECT_GT(fd, std::min<rlim_t>(limit.rlim_max - 100, 100'000) - 20);
}

// A process may have fewer: then several that share them.
TEST_F(UnreadableProcess, AHundredThousandDescriptorsOfOneSocket) {
  const Holder holder(
      "limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]\n"
      "resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))\n"
      "each = min(limit - 50, 100000)\n"
      "l = socket.create_server(('127.0.0.1', 0))\n"
      "for i in range(each): os.dup(l.fileno())\n"
      "for i in range(100000 // each):\n"
      "  if os.fork() == 0:\n"
      "    ctypes.CDLL(None).prctl(1, 9)\n"  // it ends with its parent
      "    time.sleep(600); os._exit(0)");
  std::vector<std::string> words = {holder.word()};
  for (const ProcessEntry& child : descendants(holder.pid())) {
    words.push_back(std::to_string(child.pid));
  }
  const auto json = show_json(words);
  ASSERT_EQ(json["sockets"].size(), 1u) << "it is shown once";
  EXPECT_GE(json["sockets"][0]["owners"].size(), 100'000u) << "with all of them";
}

}  // namespace
}  // namespace sockopt::test
