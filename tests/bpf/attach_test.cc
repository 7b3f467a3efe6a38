// SPDX-License-Identifier: MIT
//
// What attaching is: atomic, kept without a process, listed, replaced under load, gone with its
// cgroup, and of several, the nearest.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <system_error>
#include <thread>

#include "tests/bpf/engine_host.h"
#include "tests/support/requirements.h"
#include "tests/support/script.h"
#include "tests/support/strace.h"

namespace sockopt::test {
namespace {

constexpr const char* kPins = "/sys/fs/bpf/sockopt";

class Attach : public testing::Test {
 protected:
  void SetUp() override { SOCKOPT_NEEDS_ENGINE(); }

  static void expect(const TestCgroup& cgroup, const std::string& expectations,
                     Where where = Where::current()) {
    play(cgroup.inside(actor("listener l; " + expectations, plain_environment())), where);
  }
  static nlohmann::json listed() {
    const Finished list = sockopt({"attach", "--list", "--json"});
    EXPECT_TRUE(list.success()) << list.error;
    return nlohmann::json::parse(list.output).at("attachments");
  }
  static std::set<std::string> pins() {
    std::set<std::string> all;
    std::error_code none;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(kPins, none)) {
      if (entry.path().filename() != "owners") all.insert(entry.path());
    }
    return all;
  }
};

TEST_F(Attach, SaysWhatIsLeftToTheLibraryForZeroMq) {
  const TestCgroup cgroup;
  const Finished attached =
      cgroup.attach("[sockopt]\nkeepidle = 60s\n[zmq]\nlinger = 5s\n", {"--dry-run"});
  EXPECT_TRUE(attached.success());
  EXPECT_TRUE(contains(attached.error,
                       "what is configured for ZeroMQ's sockets is not set: only "
                       "libsockopt-zmq.so sets it"));
}

TEST_F(Attach, IsSaidAndListedAndUndone) {
  const TestCgroup cgroup;
  const Finished attached = cgroup.attach("[sockopt]\nkeepidle = 60s\n");
  ASSERT_TRUE(attached.success()) << attached.error;
  EXPECT_TRUE(
      contains(attached.output, "attached to " + cgroup.path() + " (0 processes): keepidle"));
  EXPECT_TRUE(contains(attached.output, "To remove it: sockopt detach --cgroup " + cgroup.path()));
  expect(cgroup, "client c l; get l TCP_KEEPIDLE = 60; get c TCP_KEEPIDLE = 60");

  const nlohmann::json list = listed();
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0]["cgroup"], cgroup.path());
  EXPECT_EQ(list[0]["removed"], false);
  EXPECT_EQ(list[0]["counters"]["bound"], 1);
  EXPECT_EQ(list[0]["counters"]["connected"], 1);
  EXPECT_EQ(list[0]["refused"].size(), 0U);
  EXPECT_TRUE(contains(sockopt({"attach", "--list"}).output, cgroup.path()));

  const Finished detached = cgroup.detach();
  EXPECT_TRUE(detached.success()) << detached.error;
  EXPECT_EQ(detached.output, "detached from " + cgroup.path() + "; sockets keep what they have\n");
  expect(cgroup, "get l TCP_KEEPIDLE != 60");
  EXPECT_EQ(listed().size(), 0U);
  EXPECT_FALSE(std::filesystem::exists(kPins));
}

TEST_F(Attach, ADryRunAttachesNothing) {
  const TestCgroup cgroup;
  const Finished dry = cgroup.attach("[sockopt]\nkeepidle = 60s\nbacklog = 9\n", {"--dry-run"});
  ASSERT_TRUE(dry.success()) << dry.error;
  EXPECT_EQ(dry.output, "would be attached to " + cgroup.path() + " (0 processes): keepidle\n");
  EXPECT_TRUE(contains(dry.error, "not set by the bpf engine: backlog"));
  EXPECT_FALSE(std::filesystem::exists(kPins));
  expect(cgroup, "get l TCP_KEEPIDLE != 60");
  cgroup.attach_quietly("[sockopt]\nkeepidle = 60s\n");
  const std::set<std::string> before = pins();
  const Finished again = cgroup.attach("[sockopt]\nkeepidle = 61s\n", {"-n", "--json"});
  const nlohmann::json json = nlohmann::json::parse(again.output);
  EXPECT_EQ(json["dry_run"], true);
  EXPECT_EQ(json["attached"][0]["replaced"], true);
  EXPECT_EQ(pins(), before);
  expect(cgroup, "get l TCP_KEEPIDLE = 60");
}

// What is counted has the policy: not what is below, where another one counts.
TEST_F(Attach, CountsTheProcessesThatHaveThePolicy) {
  const TestCgroup above("above");
  const TestCgroup below("below", &above);
  Process one(above.inside({.argv = {"sleep", "600"}}));
  Process other(below.inside({.argv = {"sleep", "600"}}));
  const auto is_moved = [](const Process& process) {
    return contains(read_file("/proc/" + std::to_string(process.pid()) + "/comm"), "sleep");
  };
  ASSERT_TRUE(eventually(kPatience, [&] { return is_moved(one) && is_moved(other); }));
  EXPECT_TRUE(contains(above.attach("[sockopt]\nkeepidle = 60s\n").output, " (2 processes)"));
  EXPECT_TRUE(contains(below.attach("[sockopt]\nkeepidle = 50s\n").output, " (1 process)"));
  EXPECT_TRUE(contains(above.attach("[sockopt]\nkeepidle = 61s\n").output, " (1 process)"));
  EXPECT_TRUE(below.detach().success());
  EXPECT_TRUE(contains(above.attach("[sockopt]\nkeepidle = 61s\n").output, " (2 processes)"));
}

// What the engine sets itself is nothing, but `watch` needs to know where.
TEST_F(Attach, APolicyForWatchAlone) {
  const TestCgroup cgroup;
  const Finished attached = cgroup.attach("[sockopt]\nbacklog = 9\n");
  EXPECT_EQ(status(attached), 0);
  EXPECT_TRUE(contains(attached.output, " (0 processes), for sockopt watch: backlog\n"));
  EXPECT_EQ(attached.error,
            "sockopt: warning: attach: not set by the bpf engine: backlog; sockopt watch sets it, "
            "as long as it runs\n");
  const Finished refused = cgroup.attach("[sockopt]\nv6only = on\n");
  EXPECT_EQ(status(refused), 1);
  EXPECT_TRUE(contains(refused.error, "nothing of this policy can be set by the bpf engine"));
}

TEST_F(Attach, OnlyRootSeesThePins) {
  const TestCgroup cgroup;
  cgroup.attach_quietly("[sockopt]\nkeepidle = 60s\n");
  struct stat status = {};
  ASSERT_EQ(stat(kPins, &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
  EXPECT_EQ(status.st_uid, 0U);
}

TEST_F(Attach, OtherCgroupsAreLeftAlone) {
  const TestCgroup cgroup;
  const TestCgroup other("other");
  cgroup.attach_quietly("[sockopt]\nkeepidle = 60s\n");
  expect(other, "get l TCP_KEEPIDLE != 60");
}

TEST_F(Attach, AgainReplacesThePolicy) {
  const TestCgroup cgroup;
  cgroup.attach_quietly("[sockopt]\nkeepidle = 60s\nkeepcnt = 3\npriority = 4\n");
  const std::int64_t since = listed()[0]["since"];
  EXPECT_EQ(listed()[0]["policy_since"], since);
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));
  const Finished again = cgroup.attach("[rule a]\nconnect = *\nkeepidle = 61s\n");
  ASSERT_TRUE(again.success()) << again.error;
  EXPECT_TRUE(contains(again.output, "replaced the policy of " + cgroup.path()));
  expect(cgroup,
         "client c l; get l TCP_KEEPIDLE != 60; get c TCP_KEEPIDLE = 61; "
         "get l TCP_KEEPCNT != 3; get l SO_PRIORITY = 0");
  const nlohmann::json list = listed();
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0]["since"], since) << "what is counted counts from then on";
  EXPECT_GT(list[0]["policy_since"], since);
  EXPECT_TRUE(contains(sockopt({"attach", "--list"}).output, ": has this policy since "));
  const std::vector<std::string> hooks = list[0]["hooks"];
  EXPECT_EQ(hooks, (std::vector<std::string>{"connect4", "connect6", "set_option"}))
      << "what the new policy does not need is gone";
  cgroup.attach_quietly("[sockopt]\nkeepidle = 62s\n");
  expect(cgroup, "get l TCP_KEEPIDLE = 62");
}

// A process that does nothing but make listeners, while one policy takes the other's place.
TEST_F(Attach, NoSocketGoesWithoutWhileAPolicyIsReplaced) {
  const TestCgroup cgroup;
  const auto policy = [](int idle) {
    return "[sockopt]\nkeepidle = " + std::to_string(idle) +
           "s\nkeepcnt = " + std::to_string(idle) + "\n";
  };
  cgroup.attach_quietly(policy(11));
  Process maker(cgroup.inside({.argv = {"python3", "-c", R"(
import socket
seen = set()
while True:
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    found = s.getsockopt(6, 4), s.getsockopt(6, 6)
    s.close()
    if found not in seen:
        seen.add(found)
        print(*found, flush=True)
)"}}));
  ASSERT_TRUE(eventually(kPatience, [&] { return maker.output() == "11 11\n"; })) << maker.error();
  for (const int idle : {12, 13, 14, 15}) {
    cgroup.attach_quietly(policy(idle));
    const std::string line = std::to_string(idle) + " " + std::to_string(idle) + "\n";
    ASSERT_TRUE(eventually(kPatience, [&] { return maker.output().ends_with(line); }));
  }
  EXPECT_EQ(maker.output(), "11 11\n12 12\n13 13\n14 14\n15 15\n")
      << "each socket has one policy, whole, and none goes back";
}

TEST_F(Attach, TheNearestCounts) {
  const TestCgroup above("above");
  const TestCgroup below("below", &above);
  above.attach_quietly("[sockopt]\nkeepidle = 60s\nkeepcnt = 3\nenforce = yes\n");
  expect(below, "get l TCP_KEEPIDLE = 60; get l TCP_KEEPCNT = 3");
  const Finished attached = below.attach("[sockopt]\nkeepidle = 50s\n");
  ASSERT_TRUE(attached.success());
  EXPECT_TRUE(contains(attached.error, "also attached above, to " + above.path() +
                                           ": here only the new policy counts"));
  const std::string below_alone =
      "client c l; accept a l; get l TCP_KEEPIDLE = 50; get c TCP_KEEPIDLE = 50; "
      "get l TCP_KEEPCNT != 3; set c TCP_KEEPCNT 8; get c TCP_KEEPCNT = 8";
  expect(below, below_alone);
  expect(above, "client c l; get l TCP_KEEPIDLE = 60; get c TCP_KEEPCNT = 3");
  // In whichever order they came.
  const Finished again = above.attach("[sockopt]\nkeepidle = 61s\nkeepcnt = 3\n");
  EXPECT_TRUE(contains(again.error, "also attached below, to " + below.path() +
                                        ": this policy does not count there"));
  expect(below, below_alone);
  expect(above, "get l TCP_KEEPIDLE = 61");
  EXPECT_TRUE(below.detach().success());
  expect(below, "get l TCP_KEEPIDLE = 61");
}

TEST_F(Attach, IsGoneWithItsCgroup) {
  TestCgroup cgroup;
  cgroup.attach_quietly("[sockopt]\nkeepidle = 60s\n");
  cgroup.remove();
  const nlohmann::json list = listed();
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0]["removed"], true);
  EXPECT_TRUE(contains(sockopt({"attach", "--list"}).output, cgroup.path() + " (removed)"));
  EXPECT_TRUE(cgroup.detach().success());
  EXPECT_EQ(pins(), std::set<std::string>{});
}

// The kernel keeps what was attached as long as there is a socket from there.
TEST_F(Attach, IsGoneWithItsCgroupThoughASocketLivesOn) {
  TestCgroup cgroup;
  cgroup.attach_quietly("[sockopt]\nkeepidle = 60s\n");
  Process holder(cgroup.inside({.argv = {"python3", "-c", R"(
import socket, sys, time
held = socket.create_server(("127.0.0.1", 0))
open(sys.argv[1] + "/../cgroup.procs", "w").write("0")
print("out", flush=True)
time.sleep(600)
)",
                                         cgroup.path()}}));
  ASSERT_TRUE(eventually(kPatience, [&] { return holder.output() == "out\n"; })) << holder.error();
  cgroup.remove();
  EXPECT_EQ(listed()[0]["removed"], true);
  const Finished detached = cgroup.detach();
  EXPECT_TRUE(detached.success()) << detached.error;
  EXPECT_EQ(pins(), std::set<std::string>{});
}

// A unit that starts anew has a new cgroup of the old name.
TEST_F(Attach, WhatIsLeftOfACgroupIsGoneOnceItsSuccessorIsAttached) {
  const TestCgroup above("above");
  const std::string path = above.path() + "/unit.service";
  std::size_t listed_then = 0;
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(mkdir(path.c_str(), 0755), 0);
    const Finished attached =
        sockopt({"attach", "--no-file", "-o", "keepidle=60s", "--cgroup", path});
    listed_then = listed().size();
    ASSERT_EQ(rmdir(path.c_str()), 0);
    ASSERT_TRUE(attached.success()) << attached.error;
    EXPECT_TRUE(contains(attached.output, "attached to " + path));
    EXPECT_EQ(listed_then, 1U);
  }
  EXPECT_TRUE(sockopt({"detach", "--all"}).success());
  EXPECT_EQ(pins(), std::set<std::string>{});
}

TEST_F(Attach, ByProcess) {
  const TestCgroup cgroup;
  Process sleeper(cgroup.inside({.argv = {"sleep", "600"}}));
  const std::string pid = std::to_string(sleeper.pid());
  ASSERT_TRUE(eventually(
      kPatience, [&] { return contains(read_file("/proc/" + pid + "/cgroup"), "sockopt_test_"); }));
  const Finished attached = sockopt({"attach", "--no-file", "-o", "keepidle=60s", pid});
  ASSERT_TRUE(attached.success()) << attached.error;
  EXPECT_TRUE(contains(attached.output, cgroup.path() + " (1 process): keepidle"));
  // It may have ended by then.
  EXPECT_TRUE(
      contains(attached.output, "To remove it: sockopt detach --cgroup " + cgroup.path() + "\n"));
  EXPECT_EQ(listed()[0]["target"], "--cgroup " + cgroup.path());
  expect(cgroup, "get l TCP_KEEPIDLE = 60");
  EXPECT_TRUE(sockopt({"detach", pid}).success());
  expect(cgroup, "get l TCP_KEEPIDLE != 60");
}

TEST_F(Attach, DoctorSaysWhatReachesAProcess) {
  const TestCgroup above("above");
  const TestCgroup cgroup("below", &above);
  Process sleeper(cgroup.inside({.argv = {"sleep", "600"}}));
  const std::string pid = std::to_string(sleeper.pid());
  ASSERT_TRUE(eventually(kPatience,
                         [&] { return contains(read_file("/proc/" + pid + "/comm"), "sleep"); }));
  EXPECT_FALSE(contains(sockopt({"doctor", pid}).output, "attached to"));
  above.attach_quietly("[sockopt]\nkeepidle = 60s\n");
  EXPECT_TRUE(contains(sockopt({"doctor", pid}).output,
                       "attached to " + above.path() + ", for new sockets: keepidle"));
  cgroup.attach("[sockopt]\nkeepcnt = 3\n");
  EXPECT_TRUE(contains(sockopt({"doctor", pid}).output,
                       "attached to " + cgroup.path() + ", for new sockets: keepcnt"));
}

// The kernel does not record who set a value: what is attached may have.
TEST_F(Attach, ShowNamesItWhereAValueMayBeFromIt) {
  const TestCgroup cgroup;
  cgroup.attach_quietly("[sockopt]\nkeepalive = on\nkeepidle = 61s\n");
  Process server(cgroup.inside({.argv = {"python3", "-c", R"(
import socket, time
s = socket.create_server(("127.0.0.1", 0))
s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
print("ready", flush=True)
time.sleep(600)
)"}}));
  ASSERT_TRUE(eventually(kPatience, [&] { return server.output() == "ready\n"; }));
  const auto shown = [&] { return sockopt({"show", std::to_string(server.pid())}).output; };
  EXPECT_TRUE(contains(shown(), "sockopt attach is at work on " + cgroup.path() + ".\n"));
  EXPECT_TRUE(contains(shown(), "attach? program?\n")) << "nodelay is the program's";
  ASSERT_TRUE(cgroup.detach().success());
  EXPECT_FALSE(contains(shown(), "attach"));
}

// It says nothing of a policy whose rules are for other programs; eBPF knows this one as `renamed`.
TEST_F(Attach, DoctorSaysWhatRulesKnowAProcessAs) {
  const TestCgroup cgroup;
  const TemporaryDirectory files;
  std::filesystem::copy_file("/bin/sleep", files / "renamed");
  std::filesystem::create_symlink("renamed", files / "sleeper");
  Process sleeper(cgroup.inside({.argv = {files / "sleeper", "600"}}));
  const std::string pid = std::to_string(sleeper.pid());
  ASSERT_TRUE(eventually(kPatience,
                         [&] { return contains(read_file("/proc/" + pid + "/comm"), "sleeper"); }));
  cgroup.attach("[rule a]\nprogram = sleeper\nkeepidle = 60s\n");
  const std::string for_others = sockopt({"doctor", pid}).output;
  EXPECT_TRUE(contains(for_others, "attached to " + cgroup.path() +
                                       ", where no rule is for this program, which the bpf engine "
                                       "knows as renamed\n"));
  EXPECT_FALSE(contains(for_others, "for new sockets"));
  EXPECT_FALSE(contains(for_others, "sets options on its new sockets"));
  cgroup.attach("[rule a]\nprogram = renamed\nkeepidle = 60s\n");
  EXPECT_TRUE(contains(sockopt({"doctor", pid}).output, ", for new sockets: keepidle\n"));
}

// As redis-server is a link to redis-check-rdb, and a script is run by its interpreter.
TEST_F(Attach, SaysWhatProgramsOfRulesAreKnownAs) {
  const TestCgroup cgroup;
  const TemporaryDirectory files;
  std::filesystem::copy_file("/bin/true", files / "real");
  std::filesystem::create_symlink("real", files / "server");
  const std::string config =
      files.write("a.ini",
                  "[rule a]\nprogram = server\nkeepidle = 60s\n"
                  "[rule b]\nprogram = server, real\nkeepidle = 60s\n"
                  "[rule c]\nprogram = !server\nkeepidle = 60s\n"
                  "[rule d]\nprogram = real, no-such-program\nkeepcnt = 3\n");
  const Finished attached = sockopt({"attach", "-c", config, "--cgroup", cgroup.path()},
                                    {{"PATH", files.path().native() + ":/usr/bin:/bin"}});
  EXPECT_EQ(status(attached), 0);
  const std::string warned = "sockopt: warning: attach: ";
  const std::string known =
      (files / "server").native() +
      ": the bpf engine knows it by its executable file, real; write program = ";
  EXPECT_EQ(attached.error, warned + "[a]: `program = server` is not about " + known + "real\n" +
                                warned + "[c]: `program = !server` is not about " + known +
                                "!real\n");
}

TEST_F(Attach, ByUnitThatIsACgroupOfItsName) {
  const TestCgroup slice("slice");
  const std::string service = slice.path() + "/sockopt-test.service";
  ASSERT_EQ(mkdir(service.c_str(), 0755), 0);
  const Finished attached =
      sockopt({"attach", "--no-file", "-o", "keepidle=60s", "-u", "sockopt-test"});
  const nlohmann::json list = listed();
  const Finished detached = sockopt({"detach", "-u", "sockopt-test"});
  ASSERT_EQ(rmdir(service.c_str()), 0);
  ASSERT_TRUE(attached.success()) << attached.error;
  EXPECT_TRUE(contains(attached.output, "sockopt detach -u sockopt-test.service"));
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0]["target"], "-u sockopt-test.service");
  EXPECT_TRUE(detached.success()) << detached.error;
}

// As ExecStartPre= and ExecStopPost= of the drop-in of `enable --engine bpf` are: in the unit's
// cgroup, or in one below it where systemd keeps its own commands apart.
TEST_F(Attach, ByUnitFromWithinIsThatOneAndNoOtherOfTheName) {
  const TestCgroup slice("slice");
  const TestCgroup elsewhere("elsewhere");
  const std::string name = "sockopt-within.service";
  const std::string unit = slice.path() + "/" + name;
  const std::string other = elsewhere.path() + "/" + name;
  for (const std::string& made : {unit, unit + "/.control", other}) {
    ASSERT_EQ(mkdir(made.c_str(), 0755), 0);
  }
  const auto within = [&](const std::string& cgroup, const std::string& words) {
    return run({.argv = {"sh", "-c",
                         "echo $$ >" + cgroup + "/cgroup.procs && " + command_path() + " " + words +
                             " -u " + name}});
  };
  const Finished attached = within(unit + "/.control", "attach --no-file -o keepidle=60s");
  const nlohmann::json list = listed();
  const Finished again = within(unit, "attach --no-file -o keepidle=61s");
  const Finished detached = within(unit + "/.control", "detach");
  const std::size_t left = listed().size();
  for (const std::string& made : {unit + "/.control", unit, other}) {
    EXPECT_TRUE(eventually(kPatience, [&] { return rmdir(made.c_str()) == 0; })) << made;
  }
  ASSERT_TRUE(attached.success()) << attached.error;
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0]["cgroup"], unit);
  EXPECT_TRUE(contains(again.output, "replaced the policy of " + unit));
  EXPECT_TRUE(detached.success()) << detached.error;
  EXPECT_EQ(left, 0U);
}

TEST_F(Attach, MetricsOfWhatIsAttached) {
  const auto metrics = [] {
    return sockopt({"show", "--prometheus", std::to_string(getpid())}).output;
  };
  EXPECT_TRUE(contains(metrics(), "\nsockopt_attachments 0\n"));
  const TestCgroup cgroup;
  cgroup.attach("[sockopt]\nkeepidle = 60s\nenforce = yes\nmark = 5\nnodelay = ignore\n");
  play(
      cgroup.inside(actor("listener l; client c l; set c TCP_KEEPIDLE 9; set l TCP_NODELAY 1;"
                          "set c TCP_NODELAY 1",
                          plain_environment())));
  const std::string all = metrics();
  const std::string of = "{cgroup=\"" + cgroup.path() + "\",";
  EXPECT_TRUE(contains(all, "\nsockopt_attachments 1\n"));
  for (const std::string& line :
       {"sockets_total" + of + "call=\"bind\"} 1", "sockets_total" + of + "call=\"connect\"} 1",
        "calls_total" + of + "answer=\"enforced\"} 1", "calls_total" + of + "answer=\"ignored\"} 2",
        "refusals_total" + of + "option=\"keepidle\"} 0"}) {
    EXPECT_TRUE(contains(all, "\nsockopt_engine_" + line + "\n"));
  }
  EXPECT_TRUE(contains(
      all, "sockopt_engine_sockets_left_alone_total{cgroup=\"" + cgroup.path() + "\"} 0\n"));
  SOCKOPT_NEEDS("promtool");
  const TemporaryDirectory files;
  const std::string file = files.write("metrics", all);
  const Finished checked = run({.argv = {"sh", "-c", "promtool check metrics <" + file}});
  EXPECT_TRUE(checked.success()) << checked.error;
  EXPECT_EQ(checked.error + checked.output, "");
}

TEST_F(Attach, WhatAKilledCommandLeftIsRemoved) {
  const TestCgroup cgroup;
  cgroup.attach_quietly("[sockopt]\nkeepidle = 60s\n");
  const std::string id = std::to_string(listed()[0]["cgroup_id"].get<std::uint64_t>());
  // As it stands before the last step of attaching.
  std::filesystem::rename(std::string(kPins) + "/" + id, std::string(kPins) + "/new_" + id);
  EXPECT_EQ(listed().size(), 0U);
  EXPECT_FALSE(std::filesystem::exists(kPins));
  expect(cgroup, "get l TCP_KEEPIDLE != 60");
}

// At any of the calls that it makes in the kernel.
class KilledAttach : public Attach {
 protected:
  static constexpr const char* kOld = "[sockopt]\nkeepidle = 61s\npriority = 3\n";
  static constexpr const char* kNew =
      "[sockopt]\nkeepidle = 62s\n[rule a]\nconnect = *\nmark = 1\n";

  void SetUp() override {
    SOCKOPT_NEEDS_STRACE();
    Attach::SetUp();
  }
  struct Call {
    std::string name;
    std::size_t number;  // of its calls of that name, from 1
  };
  // What a command calls; with `last`, it is killed as it begins that.
  std::vector<std::string> calls(std::vector<std::string> arguments, const Call* last = nullptr) {
    std::vector<std::string> options = {"-e", "trace=bpf,rename,unlink,rmdir"};
    if (last != nullptr) {
      const std::string at = last->name + ":signal=KILL:when=" + std::to_string(last->number);
      options.insert(options.end(), {"-e", "inject=" + at});
    }
    const Command started = under_strace(command(std::move(arguments)), files_ / "trace", options);
    EXPECT_EQ(run(started, 3 * kPatience).success(), last == nullptr);
    return traced_calls(files_ / "trace");
  }
  // The first and the last of the calls that begin so.
  static std::vector<Call> ends(const std::vector<std::string>& calls, const std::string& start) {
    const std::string name = start.substr(0, start.find('('));
    std::vector<Call> found;
    std::size_t number = 0;
    for (const std::string& call : calls) {
      if (call.starts_with(name + "(")) ++number;
      if (call.starts_with(start)) found.push_back({name, number});
    }
    EXPECT_GE(found.size(), 1U) << start;
    return found.empty() ? found : std::vector<Call>{found.front(), found.back()};
  }
  std::vector<std::string> attach(const char* policy) const {
    return {"attach", "-c", files_.write("a.ini", policy), "--cgroup", cgroup_.path()};
  }
  void expect_nothing(const Call& last) const {
    EXPECT_EQ(listed().size(), 0U) << last.name << last.number;
    EXPECT_EQ(run({.argv = {"bpftool", "cgroup", "show", cgroup_.path()}}).output, "");
    EXPECT_FALSE(std::filesystem::exists(kPins)) << last.name << last.number;
  }

  const TestCgroup cgroup_;
  const TemporaryDirectory files_;
};

TEST_F(KilledAttach, LeavesNothing) {
  const std::vector<std::string> all = calls(attach(kOld));
  ASSERT_TRUE(cgroup_.detach().success());
  for (const char* start : {"bpf(BPF_LINK_CREATE", "bpf(BPF_OBJ_PIN", "rename("}) {
    for (const Call& last : ends(all, start)) {
      calls(attach(kOld), &last);
      expect_nothing(last);
    }
  }
}

// Then it is not the old policy that counts, and not yet the new one.
TEST_F(KilledAttach, WhileItReplacesIsListed) {
  cgroup_.attach_quietly(kOld);
  const std::vector<std::string> all = calls(attach(kNew));
  cgroup_.attach_quietly(kOld);
  for (const char* start : {"bpf(BPF_LINK_UPDATE", "rename("}) {
    const Call last = ends(all, start).back();
    calls(attach(kNew), &last);
    EXPECT_EQ(listed()[0]["half_replaced"], true) << start;
    EXPECT_TRUE(contains(sockopt({"attach", "--list"}).output,
                         cgroup_.path() + ": half replaced, as `attach` was killed meanwhile; "
                                          "attach again\n"));
    cgroup_.attach_quietly(kOld);
    EXPECT_EQ(listed()[0]["half_replaced"], false) << start;
    expect(cgroup_,
           "client c l; get l TCP_KEEPIDLE = 61; get l SO_PRIORITY = 3; get c SO_MARK = 0");
  }
}

TEST_F(KilledAttach, WhileItIsDetachedIsDetached) {
  cgroup_.attach_quietly(kOld);
  const std::vector<std::string> detach = {"detach", "--cgroup", cgroup_.path()};
  const std::vector<std::string> all = calls(detach);
  for (const char* start : {"unlink(", "rmdir("}) {
    const Call last = ends(all, start).front();
    cgroup_.attach_quietly(kOld);
    calls(detach, &last);
    expect_nothing(last);
  }
}

TEST_F(Attach, AFaultyFileChangesNothing) {
  const TestCgroup cgroup;
  cgroup.attach_quietly("[sockopt]\nkeepidle = 60s\n");
  const Finished faulty = cgroup.attach("[sockopt]\nkeepidle = 61s\nkeepcnt = x\n");
  EXPECT_EQ(status(faulty), 1);
  EXPECT_TRUE(contains(faulty.error, "sockopt: nothing was attached"));
  expect(cgroup, "get l TCP_KEEPIDLE = 60");
}

// Far longer values than the kernel hands to a program on a cgroup.
TEST_F(Attach, LongValuesOfOtherOptionsPass) {
  const TestCgroup cgroup;
  cgroup.attach_quietly("[sockopt]\nkeepidle = 60s\nenforce = yes\n");
  const Finished done = run(cgroup.inside({.argv = {"python3", "-c", R"(
import socket, struct
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, struct.pack("i", 9) + bytes(20000))
print(s.getsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT))
s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, struct.pack("i", 9) + bytes(20000))
print(s.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE))
)"}}));
  EXPECT_EQ(done.output, "9\n60\n") << done.error;
}

}  // namespace
}  // namespace sockopt::test
