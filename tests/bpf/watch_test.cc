// SPDX-License-Identifier: MIT
//
// `sockopt watch`: listeners of programs that nothing is loaded into get what eBPF cannot set,
// whenever they came, and whatever became of the watcher meanwhile.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/bpf/engine_host.h"
#include "tests/bpf/watching.h"
#include "tests/support/paths.h"
#include "tests/support/requirements.h"
#include "tests/support/servers/process_tree_sockets.h"
#include "tools/inspect/process_sockets.h"

namespace sockopt::test {
namespace {

constexpr const char* kBacklog = "[sockopt]\nbacklog = 300\n";

class Watch : public testing::Test {
 protected:
  void SetUp() override { SOCKOPT_NEEDS_ENGINE(); }

  // What python does in the cgroup, until it is told to go on by the file that its argument names.
  static Command python(const TestCgroup& cgroup, const std::string& script,
                        const std::string& go_on = {}) {
    return cgroup.inside(
        {.argv = {"python3", "-c", "import os, socket, sys, time\n" + script, go_on}});
  }
  static void await(Process& process, const std::string& output) {
    ASSERT_TRUE(eventually(kPatience, [&] { return process.output() == output; }))
        << process.output() << process.error();
  }
  // The queues of its listeners, and how many have each.
  static std::map<std::uint32_t, int> backlogs(pid_t pid) {
    std::map<std::uint32_t, int> found;
    for (const SocketSnapshot& socket : list_sockets(pid).sockets) {
      if (socket.facts.listening) ++found[socket.facts.queue_limit.value_or(0)];
    }
    return found;
  }
  static bool come_to_have(pid_t pid, std::uint32_t backlog, int listeners) {
    const std::map<std::uint32_t, int> wanted = {{backlog, listeners}};
    return eventually(kPatience, [&] { return backlogs(pid) == wanted; });
  }
  static std::string option_of(pid_t pid, const char* key) {
    for (const SocketSnapshot& socket : list_sockets(pid).sockets) {
      if (socket.facts.listening) return socket.text(key);
    }
    return "no listener";
  }
};

class WatchedProgram : public Watch, public testing::WithParamInterface<const char*> {};

TEST_P(WatchedProgram, HasItsBacklogAfterListen) {
  if (access(program(GetParam()).c_str(), X_OK) != 0) {
    GTEST_SKIP() << GetParam() << " was not built: its compiler is not installed";
  }
  const TestCgroup cgroup;
  // Go asks for as much as there may be.
  ASSERT_TRUE(cgroup.attach("[sockopt]\nbacklog = 300\nenforce = yes\n").success());
  const Watching watch;
  Process keeper(cgroup.inside({.argv = {program(GetParam())}}));
  ASSERT_TRUE(eventually(kPatience, [&] { return keeper.output().starts_with("port "); }))
      << keeper.error();
  const std::string port = keeper.output().substr(5, keeper.output().size() - 6);
  // As ss(8) shows it: the queue and its limit.
  const auto shown = [&] { return run({.argv = {"ss", "-Hltn", "sport = :" + port}}).output; };
  EXPECT_TRUE(eventually(kPatience, [&] { return shown().starts_with("LISTEN 0      300 "); }))
      << shown();
  ASSERT_TRUE(watch.says("changed"));
  const nlohmann::json event = watch.events("changed")[0];
  EXPECT_EQ(event["schema"], "sockopt.watch/1");
  EXPECT_EQ(event["address"], "127.0.0.1:" + port);
  EXPECT_EQ(event["program"], std::string(GetParam()).substr(0, 15));
  EXPECT_EQ(event["options"]["backlog"]["after"], 300);
  EXPECT_EQ(event["sockets"][0]["owners"][0]["pid"], keeper.pid());
}

INSTANTIATE_TEST_SUITE_P(, WatchedProgram,
                         testing::Values("keeper_static", "keeper_musl", "keeper_go"),
                         [](const auto& row) { return std::string(row.param); });

// One that could not be traced by its own user.
TEST_F(Watch, ReachesAProgramWithTheSetUserIdBit) {
  const TestCgroup cgroup;
  ASSERT_TRUE(cgroup.attach(kBacklog).success());
  const Watching watch;
  const TemporaryDirectory files;
  const std::filesystem::path copy = files / "keeper";
  std::filesystem::copy_file(program("keeper_set_user_id"), copy);
  ASSERT_EQ(chmod(copy.c_str(), 04755), 0);
  Process keeper(cgroup.inside({.argv = {"setpriv", "--reuid=65534", "--clear-groups", copy}}));
  EXPECT_TRUE(come_to_have(keeper.pid(), 300, 1)) << keeper.error();
}

TEST_F(Watch, SetsAllThatTheEngineCannot) {
  const TestCgroup cgroup;
  const Finished attached = cgroup.attach(
      "[sockopt]\nkeepidle = 60s\nlinger = 7s\n[rule web]\nlisten = *\nbacklog = 300\n"
      "defer_accept = 3s\nfastopen = 9\nlinger2 = 30s\nttl = 33\n");
  EXPECT_TRUE(contains(attached.error,
                       "not set by the bpf engine: linger, linger2, backlog, defer_accept, "
                       "fastopen, ttl; sockopt watch sets it, as long as it runs"));
  const Watching watch;
  Process keeper(cgroup.inside({.argv = {program("keeper_static")}}));
  ASSERT_TRUE(come_to_have(keeper.pid(), 300, 1)) << keeper.error();
  for (const auto& [key, value] : std::map<const char*, std::string>{{"keepidle", "60s"},
                                                                     {"linger", "7s"},
                                                                     {"defer_accept", "3s"},
                                                                     {"fastopen", "9"},
                                                                     {"linger2", "30s"},
                                                                     {"ttl", "33"}}) {
    EXPECT_EQ(option_of(keeper.pid(), key), value) << key;
  }
}

TEST_F(Watch, RulesChooseByProgramAndPort) {
  const TestCgroup cgroup;
  const std::uint16_t port = free_port();
  ASSERT_TRUE(cgroup
                  .attach("[sockopt]\nbacklog = 200\n[rule p]\nprogram = keeper_stat*\nbacklog = "
                          "300\n[rule l]\nlisten = *:" +
                          std::to_string(port) + "\nbacklog = 400\n")
                  .success());
  const Watching watch;
  Process keeper(cgroup.inside({.argv = {program("keeper_static")}}));
  EXPECT_TRUE(come_to_have(keeper.pid(), 300, 1));
  Process server(python(cgroup, "a = socket.create_server(('127.1.1.7', " + std::to_string(port) +
                                    "), backlog=5)\nb = socket.create_server(('127.0.0.1', 0), "
                                    "backlog=5)\ntime.sleep(600)\n"));
  const std::map<std::uint32_t, int> wanted = {{200, 1}, {400, 1}};
  EXPECT_TRUE(eventually(kPatience, [&] { return backlogs(server.pid()) == wanted; }));
}

// As the library and the engine have it: without `enforce`, what the program says itself counts.
TEST_F(Watch, WhatTheProgramSetsItselfStays) {
  for (const bool enforced : {false, true}) {
    const TestCgroup cgroup;
    ASSERT_TRUE(cgroup
                    .attach(std::string("[sockopt]\nbacklog = 300\nlinger = 7s\nlinger2 = 30s\n") +
                            (enforced ? "enforce = yes\n" : ""))
                    .success());
    const Watching watch;
    Process server(python(cgroup, R"(
import struct
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 3))
s.bind(("127.0.0.1", 0))
s.listen(500)
time.sleep(600)
)"));
    ASSERT_TRUE(come_to_have(server.pid(), enforced ? 300 : 500, 1)) << server.error();
    ASSERT_TRUE(eventually(kPatience, [&] { return option_of(server.pid(), "linger2") == "30s"; }));
    EXPECT_EQ(option_of(server.pid(), "linger"), enforced ? "7s" : "3s");
  }
}

// Clients of a server in another cgroup, whose queue is full after three of them.
class WatchedConnections : public Watch {
 protected:
  static constexpr const char* kPolicy =
      "[sockopt]\nlinger = 7s\nttl = 33\n[rule peer]\nconnect = 127.1.1.2\nlinger = 9s\n";

  void SetUp() override {
    Watch::SetUp();
    if (IsSkipped()) return;
    server_ = std::make_unique<Process>(Command{.argv = {"python3", "-c", R"(
import socket, time
l = socket.create_server(("127.1.1.1", 0), backlog=5)
m = socket.create_server(("127.1.1.2", l.getsockname()[1]), backlog=0)
print(l.getsockname()[1], flush=True)
time.sleep(600)
)"}});
    ASSERT_TRUE(eventually(kPatience, [&] { return server_->output().ends_with("\n"); }));
  }
  // What is run for each client `c` once it has been connected, without waiting.
  Command clients(const TestCgroup& cgroup, const std::string& peers,
                  const std::string& then = {}) {
    return python(cgroup, "port = " + server_->output() + "all = []\nfor peer in " + peers + R"(:
    c = socket.socket()
    c.setblocking(False)
    c.connect_ex((peer, port))
    all.append(c)
)" + (then.empty() ? "" : "    " + then + "\n") +
                              R"(print("connected", flush=True)
time.sleep(600)
)");
  }
  static std::multiset<std::string> values(const Process& process, const char* key) {
    std::multiset<std::string> found;
    for (const SocketSnapshot& socket : list_sockets(process.pid()).sockets) {
      found.insert(socket.text(key));
    }
    return found;
  }
  std::unique_ptr<Process> server_;
};

using Values = std::multiset<std::string>;

TEST_F(WatchedConnections, HaveWhatTheEngineCannotSet) {
  const TestCgroup cgroup;
  EXPECT_TRUE(contains(cgroup.attach(kPolicy).error, "not set by the bpf engine: linger, ttl"));
  const Watching watch;
  // The last of them waits for the other end, and goes on doing so.
  Process process(clients(cgroup, "['127.1.1.1'] + ['127.1.1.2'] * 3"));
  await(process, "connected\n");
  const auto shown = [&] { return run({.argv = {"ss", "-Htn", "state", "syn-sent"}}).output; };
  EXPECT_TRUE(contains(shown(), "127.1.1.2:" + std::to_string(std::stoi(server_->output()))));
  const Values lingers = {"7s", "9s", "9s", "9s"};
  EXPECT_TRUE(eventually(kPatience, [&] { return values(process, "linger") == lingers; }));
  EXPECT_EQ(values(process, "ttl"), (Values{"33", "33", "33", "33"}));
  ASSERT_TRUE(watch.says("changed"));
  const nlohmann::json event = watch.events("changed")[0];
  EXPECT_EQ(event["role"], "client");
  EXPECT_EQ(event["sockets"][0]["owners"][0]["pid"], process.pid());
}

// While nobody looks, the program goes on.
TEST_F(WatchedConnections, KeepWhatTheProgramSetsItself) {
  const TestCgroup cgroup;
  ASSERT_TRUE(cgroup.attach(kPolicy).success());
  Watching watch;
  watch.process().send_signal(SIGSTOP);
  Process process(
      clients(cgroup, "['127.1.1.1'] * 2",
              "if len(all) == 2: c.setsockopt(1, 13, bytes([1, 0, 0, 0, 3, 0, 0, 0]))"));
  await(process, "connected\n");
  watch.process().send_signal(SIGCONT);
  EXPECT_TRUE(eventually(kPatience, [&] { return values(process, "ttl") == Values{"33", "33"}; }));
  EXPECT_EQ(values(process, "linger"), (Values{"3s", "7s"}));
}

TEST_F(WatchedConnections, AreAskedForOnlyWherePoliciesNeedThem) {
  const TestCgroup cgroup;
  ASSERT_TRUE(
      cgroup.attach("[sockopt]\nbacklog = 300\n[rule l]\nlisten = *\nlinger = 7s\n").success());
  const Watching watch;
  const auto programs = [&] {
    return run({.argv = {"bpftool", "cgroup", "show", cgroup.path()}}).output;
  };
  EXPECT_TRUE(contains(programs(), "sockopt_listen"));
  EXPECT_FALSE(contains(programs(), "sockopt_connect"));
  ASSERT_TRUE(cgroup.attach(kPolicy).success());
  EXPECT_TRUE(eventually(kPatience, [&] { return contains(programs(), "sockopt_connect"); }));
  ASSERT_TRUE(cgroup.attach("[sockopt]\nbacklog = 300\n").success());
  EXPECT_TRUE(eventually(kPatience, [&] { return !contains(programs(), "sockopt_connect"); }));
  EXPECT_TRUE(contains(programs(), "sockopt_listen"));
}

// However many connect, a listener is not missed, and a log not filled.
TEST_F(WatchedConnections, LeaveRoomForListeners) {
  const TestCgroup cgroup;
  ASSERT_TRUE(cgroup.attach("[sockopt]\nlinger = 7s\nbacklog = 300\n").success());
  for (const bool is_json : {true, false}) {
    Watching watch(is_json ? std::vector<std::string>{"--json"} : std::vector<std::string>{});
    watch.process().send_signal(SIGSTOP);
    Process process(python(cgroup, "port = " + server_->output() + R"(
for _ in range(4000):
    c = socket.socket()
    c.setblocking(False)
    c.connect_ex(("127.1.1.1", port))
    c.close()
l = socket.create_server(("127.0.0.1", 0), backlog=5)
c = socket.create_connection(l.getsockname())
print("ready", flush=True)
time.sleep(600)
)"));
    await(process, "ready\n");
    watch.process().send_signal(SIGCONT);
    EXPECT_TRUE(come_to_have(process.pid(), 300, 1));
    const auto said = [&] { return watch.process().output(); };
    const std::string words = is_json ? "\"connections_lost\"" : "connections came too fast, and";
    EXPECT_TRUE(eventually(kPatience, [&] { return contains(said(), words); })) << said();
    EXPECT_FALSE(contains(said(), is_json ? "\"lost\"" : "lost;"));
    EXPECT_FALSE(contains(said(), "\"client\""));
    Process next(clients(cgroup, "['127.1.1.1']"));
    EXPECT_TRUE(eventually(kPatience, [&] { return values(next, "linger") == Values{"7s"}; }));
    EXPECT_EQ(count(said(), is_json ? "\"client\"" : "127.1.1.1:"), is_json ? 1 : 0) << said();
  }
}

TEST_F(Watch, ListenersThatWereThereAreBroughtInLine) {
  const TestCgroup cgroup;
  const TestCgroup other("other");
  Process inside(cgroup.inside({.argv = {program("keeper_static")}}));
  Process outside(other.inside({.argv = {program("keeper_static")}}));
  ASSERT_TRUE(come_to_have(inside.pid(), 5, 1));
  ASSERT_TRUE(come_to_have(outside.pid(), 5, 1));
  ASSERT_TRUE(cgroup.attach(kBacklog).success());
  { const Watching watch; }
  EXPECT_TRUE(come_to_have(inside.pid(), 300, 1));
  EXPECT_TRUE(come_to_have(outside.pid(), 5, 1));
}

// The name is that of the file, also once that has been removed or replaced.
TEST_F(Watch, ProgramsWhoseFileIsGoneHaveTheirName) {
  const TestCgroup cgroup;
  const TemporaryDirectory files;
  const std::filesystem::path copy = files / "renewed";
  std::filesystem::copy_file(program("keeper_static"), copy);
  Process keeper(cgroup.inside({.argv = {copy}}));
  ASSERT_TRUE(come_to_have(keeper.pid(), 5, 1));
  std::filesystem::remove(copy);
  cgroup.attach("[rule a]\nprogram = renewed\nbacklog = 300\n");
  EXPECT_EQ(status(sockopt({"watch", "--once"})), 0);
  EXPECT_EQ(backlogs(keeper.pid()), (std::map<std::uint32_t, int>{{300, 1}}));
}

TEST_F(Watch, OnceLooksAndEnds) {
  const TestCgroup cgroup;
  Process keeper(cgroup.inside({.argv = {program("keeper_static")}}));
  ASSERT_TRUE(come_to_have(keeper.pid(), 5, 1));
  ASSERT_TRUE(cgroup.attach(kBacklog).success());
  const Finished first = sockopt({"watch", "--once"});
  EXPECT_EQ(status(first), 0) << first.error;
  EXPECT_TRUE(contains(first.output, cgroup.path() + ": watching for backlog\n"));
  EXPECT_TRUE(contains(first.output, "  backlog 5 -> 300\n"));
  EXPECT_EQ(backlogs(keeper.pid()), (std::map<std::uint32_t, int>{{300, 1}}));
  const Finished again = sockopt({"watch", "--once"});
  EXPECT_EQ(again.output, cgroup.path() + ": watching for backlog\n");
}

// Nothing goes without that listened while nobody watched.
TEST_F(Watch, ARestartCatchesUp) {
  const TestCgroup cgroup;
  ASSERT_TRUE(cgroup.attach(kBacklog).success());
  {
    Watching watch;
    EXPECT_TRUE(watch.process().stop().success());
  }
  Process between(cgroup.inside({.argv = {program("keeper_static")}}));
  ASSERT_TRUE(come_to_have(between.pid(), 5, 1));
  const Watching again;
  EXPECT_TRUE(come_to_have(between.pid(), 300, 1));
  Process after(cgroup.inside({.argv = {program("keeper_static")}}));
  EXPECT_TRUE(come_to_have(after.pid(), 300, 1));
}

TEST_F(Watch, AThousandAtOnceAreAllBroughtInLine) {
  const TestCgroup cgroup;
  ASSERT_TRUE(cgroup.attach(kBacklog).success());
  const Watching watch;
  Process server(python(cgroup, R"(
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
all = [socket.create_server(("127.0.0.1", 0), backlog=5) for _ in range(1000)]
time.sleep(600)
)"));
  EXPECT_TRUE(come_to_have(server.pid(), 300, 1000)) << server.error();
  EXPECT_EQ(watch.events("lost").size(), 0U);
}

// More than the ring buffer holds, while nobody takes anything out of it.
TEST_F(Watch, WhatFoundNoRoomIsCountedAndLookedFor) {
  const TestCgroup cgroup;
  ASSERT_TRUE(cgroup.attach(kBacklog).success());
  Watching watch;
  watch.process().send_signal(SIGSTOP);
  constexpr int kListeners = 4800;
  Process server(python(cgroup, R"(
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (8192, 8192))
all = [socket.create_server(("127.0.0.1", 0), backlog=5) for _ in range(4800)]
print("ready", flush=True)
time.sleep(600)
)"));
  await(server, "ready\n");
  EXPECT_EQ(backlogs(server.pid()), (std::map<std::uint32_t, int>{{5, kListeners}}));
  watch.process().send_signal(SIGCONT);
  EXPECT_TRUE(come_to_have(server.pid(), 300, kListeners));
  ASSERT_TRUE(watch.says("lost"));
  std::uint64_t lost = 0;
  for (const nlohmann::json& event : watch.events("lost")) lost += event["count"].get<int>();
  EXPECT_GT(lost, 500U);
  EXPECT_LT(lost, static_cast<std::uint64_t>(kListeners));
}

// Who called listen has ended by the time that anybody looks.
TEST_F(Watch, AListenerThatWasHandedOnIsFound) {
  const TestCgroup cgroup;
  ASSERT_TRUE(cgroup.attach(kBacklog).success());
  Watching watch;
  watch.process().send_signal(SIGSTOP);
  Process daemon(python(cgroup, R"(
s = socket.create_server(("127.0.0.1", 0), backlog=5)
if os.fork(): os._exit(0)
print(os.getpid(), flush=True)
time.sleep(600)
)"));
  ASSERT_TRUE(eventually(kPatience, [&] { return daemon.output().ends_with("\n"); }));
  ASSERT_TRUE(daemon.wait());
  watch.process().send_signal(SIGCONT);
  EXPECT_TRUE(come_to_have(std::stoi(daemon.output()), 300, 1));
}

// On its way from one process to another, nobody has it.
TEST_F(Watch, AListenerThatNobodyHasIsNamed) {
  const TestCgroup cgroup;
  ASSERT_TRUE(cgroup.attach(kBacklog).success());
  Watching watch;
  watch.process().send_signal(SIGSTOP);
  Process server(python(cgroup, R"(
s = socket.create_server(("127.0.0.1", 0), backlog=5)
one, other = socket.socketpair()
socket.send_fds(one, [b"x"], [s.fileno()])
print(s.getsockname()[1], flush=True)
s.close()
print("closed", flush=True)
time.sleep(600)
)"));
  ASSERT_TRUE(eventually(kPatience, [&] { return server.output().ends_with("closed\n"); }));
  watch.process().send_signal(SIGCONT);
  ASSERT_TRUE(watch.says("not_found"));
  EXPECT_EQ(watch.events("not_found")[0]["address"],
            "127.0.0.1:" + std::to_string(std::stoi(server.output())));
  EXPECT_EQ(watch.events("changed").size(), 0U);
}

// One that is closed again is nobody's loss.
TEST_F(Watch, AListenerThatIsClosedAgainIsNot) {
  const TestCgroup cgroup;
  ASSERT_TRUE(cgroup.attach(kBacklog).success());
  Watching watch;
  watch.process().send_signal(SIGSTOP);
  ASSERT_TRUE(run(python(cgroup, "socket.create_server(('127.0.0.1', 0)).close()\n")).success());
  Process keeper(cgroup.inside({.argv = {program("keeper_static")}}));
  ASSERT_TRUE(come_to_have(keeper.pid(), 5, 1));
  watch.process().send_signal(SIGCONT);
  EXPECT_TRUE(come_to_have(keeper.pid(), 300, 1));
  ASSERT_TRUE(watch.says("changed"));
  EXPECT_EQ(watch.events("not_found").size(), 0U);
}

TEST_F(Watch, AttachmentsComeAndGoAndChange) {
  const TestCgroup cgroup;
  Process keeper(cgroup.inside({.argv = {program("keeper_static")}}));
  ASSERT_TRUE(come_to_have(keeper.pid(), 5, 1));
  const Watching watch;
  EXPECT_TRUE(watch.says("idle"));
  ASSERT_TRUE(cgroup.attach("[sockopt]\nkeepidle = 60s\n").success());
  EXPECT_TRUE(watch.says("attached"));
  EXPECT_EQ(watch.events("attached")[0]["options"].size(), 0U);
  ASSERT_TRUE(cgroup.attach(kBacklog).success());
  EXPECT_TRUE(come_to_have(keeper.pid(), 300, 1)) << "those that are there, too";
  ASSERT_TRUE(cgroup.attach("[sockopt]\nbacklog = 400\n").success());
  EXPECT_TRUE(come_to_have(keeper.pid(), 400, 1));
  Process next(cgroup.inside({.argv = {program("keeper_static")}}));
  EXPECT_TRUE(come_to_have(next.pid(), 400, 1));
  ASSERT_TRUE(cgroup.detach().success());
  EXPECT_TRUE(watch.says("detached"));
  EXPECT_TRUE(watch.says("idle", 2));
  Process last(cgroup.inside({.argv = {program("keeper_static")}}));
  ASSERT_TRUE(cgroup.attach("[sockopt]\nkeepidle = 60s\nbacklog = 500\n").success());
  EXPECT_TRUE(come_to_have(last.pid(), 500, 1));
}

TEST_F(Watch, TheNearestAttachmentCounts) {
  const TestCgroup above("above");
  const TestCgroup below("below", &above);
  ASSERT_TRUE(above.attach(kBacklog).success());
  ASSERT_TRUE(below.attach("[sockopt]\nkeepidle = 60s\n").success());
  const Watching watch;
  Process inner(below.inside({.argv = {program("keeper_static")}}));
  Process outer(above.inside({.argv = {program("keeper_static")}}));
  EXPECT_TRUE(come_to_have(outer.pid(), 300, 1));
  EXPECT_TRUE(come_to_have(inner.pid(), 5, 1));
  ASSERT_TRUE(below.detach().success());
  EXPECT_TRUE(come_to_have(inner.pid(), 300, 1)) << "then it is that of the one above";
}

TEST_F(Watch, ACgroupThatIsRemovedIsForgotten) {
  TestCgroup gone("gone");
  const TestCgroup stays("stays");
  ASSERT_TRUE(gone.attach(kBacklog).success());
  ASSERT_TRUE(stays.attach(kBacklog).success());
  Watching watch;
  gone.remove();
  ASSERT_TRUE(sockopt({"detach", "--cgroup", gone.path()}).success());
  EXPECT_TRUE(watch.says("detached"));
  Process keeper(stays.inside({.argv = {program("keeper_static")}}));
  EXPECT_TRUE(come_to_have(keeper.pid(), 300, 1));
  EXPECT_TRUE(watch.process().stop().success());
  EXPECT_EQ(watch.process().error(), "");
}

std::string attached_programs(const TestCgroup& cgroup) {
  return run({.argv = {"bpftool", "cgroup", "show", cgroup.path()}}).output;
}

TEST_F(Watch, NothingIsLeftOfItHoweverItEnds) {
  const TestCgroup cgroup;
  ASSERT_TRUE(cgroup.attach(kBacklog).success());
  const std::string before = attached_programs(cgroup);
  const auto pins = [] { return run({.argv = {"find", "/sys/fs/bpf"}}).output; };
  const std::string pinned = pins();
  for (const int signal : {SIGTERM, SIGINT, SIGKILL}) {
    Watching watch;
    EXPECT_TRUE(contains(attached_programs(cgroup), "sockopt_listen"));
    EXPECT_EQ(pins(), pinned);
    watch.process().send_signal(signal);
    const auto exit = watch.process().wait();
    ASSERT_TRUE(exit);
    EXPECT_EQ(exit->success(), signal != SIGKILL);
    EXPECT_EQ(watch.process().error(), "");
    EXPECT_TRUE(eventually(kPatience, [&] { return attached_programs(cgroup) == before; }));
    EXPECT_EQ(pins(), pinned);
  }
}

// What processes call themselves must not control a terminal, or make a second line.
TEST_F(Watch, NamesOfProcessesAreEscaped) {
  const TestCgroup cgroup;
  ASSERT_TRUE(cgroup.attach(kBacklog).success());
  for (const bool is_json : {true, false}) {
    Watching watch(is_json ? std::vector<std::string>{"--json"} : std::vector<std::string>{});
    Process server(python(cgroup, R"(
import ctypes
ctypes.CDLL(None).prctl(15, b"\x1b[2J\n\xff\"}", 0, 0, 0)
s = socket.create_server(("127.0.0.1", 0), backlog=5)
time.sleep(600)
)"));
    const auto said = [&] { return watch.process().output(); };
    ASSERT_TRUE(eventually(kPatience, [&] { return count(said(), "LISTEN") == 1; })) << said();
    EXPECT_EQ(said().find('\x1b'), std::string::npos);
    if (is_json) {
      EXPECT_EQ(watch.events("changed").at(0)["program"], "\\x1b[2J\\x0a\\xff\"}");
    } else {
      EXPECT_TRUE(contains(said(), "  \\x1b[2J\\x0a\\xff\"}("));
    }
  }
}

// Its reader is gone: it ends, and says so by its status.
TEST_F(Watch, EndsWithItsReader) {
  const TestCgroup cgroup;
  ASSERT_TRUE(cgroup.attach(kBacklog).success());
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  Command started = command({"watch"});
  started.descriptors[1] = ends[1];
  Process watch(started);
  close(ends[0]);
  close(ends[1]);
  Process keeper(cgroup.inside({.argv = {program("keeper_static")}}));
  const auto exit = watch.wait();
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->status, 1);
}

// A reader that is there and reads nothing.
TEST_F(Watch, EndsThoughNobodyReads) {
  const TestCgroup cgroup;
  ASSERT_TRUE(cgroup.attach(kBacklog).success());
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  fcntl(ends[1], F_SETPIPE_SZ, 4096);
  Command started = command({"watch", "--json"});
  started.descriptors[1] = ends[1];
  Process watch(started);
  close(ends[1]);
  Process server(python(cgroup, R"(
all = [socket.create_server(("127.0.0.1", 0), backlog=5) for _ in range(100)]
time.sleep(600)
)"));
  // As soon as the pipe is full it waits.
  const std::string call = "/proc/" + std::to_string(watch.pid()) + "/syscall";
  ASSERT_TRUE(eventually(kPatience, [&] {
    return read_file(call).starts_with(std::to_string(SYS_write) + " 0x1 ");
  })) << read_file(call);
  watch.send_signal(SIGTERM);
  const auto exit = watch.wait();
  EXPECT_TRUE(exit && exit->success());
  close(ends[0]);
}

TEST_F(Watch, MptcpListenersAreFound) {
  const TestCgroup cgroup;
  ASSERT_TRUE(cgroup.attach(kBacklog).success());
  const Watching watch;
  Process server(python(cgroup, R"(
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)
s.bind(("127.0.0.1", 0))
s.listen(5)
print("ready", flush=True)
time.sleep(600)
)"));
  if (!eventually(kPatience, [&] { return server.output() == "ready\n" || !server.running(); }) ||
      !server.running()) {
    GTEST_SKIP() << "this kernel has no MPTCP: " << server.error();
  }
  EXPECT_TRUE(come_to_have(server.pid(), 300, 1));
}

// Its listeners are bound by the sysctls of their own namespace.
TEST_F(Watch, ListenersInOtherNetworkNamespacesAreFound) {
  const TestCgroup cgroup;
  ASSERT_TRUE(cgroup.attach(kBacklog).success());
  const Watching watch;
  Process server(cgroup.inside({.argv = {"unshare", "--net", "python3", "-c", R"(
import socket, time
open("/proc/sys/net/core/somaxconn", "w").write("200")
s = socket.create_server(("0.0.0.0", 4321), backlog=5)
time.sleep(600)
)"}}));
  EXPECT_TRUE(come_to_have(server.pid(), 200, 1)) << server.error();
}

// Where a policy needs it and none runs, whoever asks is told, with what to run.
TEST_F(Watch, ThatItIsNeededAndDoesNotRunIsSaid) {
  const TestCgroup cgroup;
  ASSERT_TRUE(cgroup
                  .attach("[sockopt]\nkeepidle = 60s\n[rule static]\nprogram = keeper_static\n"
                          "backlog = 300\nlinger = 7s\n")
                  .success());
  Process keeper(cgroup.inside({.argv = {program("keeper_static")}}));
  Process sleeper(cgroup.inside({.argv = {"sleep", "600"}}));
  ASSERT_TRUE(come_to_have(keeper.pid(), 5, 1));
  const auto doctor = [](const Process& process) {
    return sockopt({"doctor", std::to_string(process.pid())}).output;
  };
  const auto listed = [](const std::vector<std::string>& more) {
    std::vector<std::string> words = {"attach", "--list"};
    words.insert(words.end(), more.begin(), more.end());
    return sockopt(words).output;
  };
  const auto is_watched = [&] {
    return nlohmann::json::parse(listed({"--json"}))["attachments"][0]["watched"];
  };
  const std::string needed =
      "no sockopt watch runs, which would set on new sockets: linger backlog";
  const std::string before = doctor(keeper);
  EXPECT_TRUE(contains(before, "WARN bpf"));
  EXPECT_TRUE(contains(before, needed + "   fix: "));
  EXPECT_TRUE(contains(before, cgroup.path() + ", for new sockets: keepidle\n"));
  EXPECT_FALSE(contains(doctor(sleeper), "sockopt watch")) << "it is for the other program";
  EXPECT_TRUE(contains(listed({}), ": linger, backlog are not set, as no sockopt watch runs\n"));
  EXPECT_EQ(is_watched(), false);
  // As it is printed: it runs until it is ended.
  const std::size_t fix = before.find(needed + "   fix: ") + needed.size() + 8;
  const std::string words = before.substr(fix, before.find('\n', fix) - fix);
  if (words == "sockopt watch") {
    Process watch(command({"watch"}));
    ASSERT_TRUE(come_to_have(keeper.pid(), 300, 1)) << watch.error();
    const std::string after = doctor(keeper);
    EXPECT_TRUE(contains(after, "OK   bpf"));
    EXPECT_TRUE(contains(after, "sockopt watch runs, for new sockets: linger backlog\n"));
    EXPECT_FALSE(contains(after, "no sockopt watch"));
    EXPECT_FALSE(contains(listed({}), "not set"));
    EXPECT_EQ(is_watched(), true);
  } else {
    EXPECT_EQ(words, "systemctl enable --now sockopt-watch");
  }
}

}  // namespace
}  // namespace sockopt::test
