// SPDX-License-Identifier: MIT
//
// Programs that a preloaded library does not reach, unmodified, in a cgroup with an attachment:
// what their sockets hold is read from outside.
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/bpf/engine_host.h"
#include "tests/support/configuration.h"
#include "tests/support/paths.h"
#include "tests/support/requirements.h"
#include "tests/support/servers/process_tree_sockets.h"
#include "tests/support/tcp_client.h"
#include "tests/support/users.h"
#include "tools/sockopt/bpf/cgroup_tree.h"
#include "tools/sockopt/bpf/layout.h"

namespace sockopt::test {
namespace {

// What `sockopt show` reads of a process: keepidle of its sockets, by state.
std::map<std::string, std::set<int>> keepidles(pid_t root) {
  std::map<std::string, std::set<int>> found;
  std::vector<pid_t> pids = {root};
  for (const ProcessEntry& child : descendants(root)) pids.push_back(child.pid);
  for (const pid_t pid : pids) {
    const Finished shown = sockopt({"show", "--json", std::to_string(pid)});
    if (shown.output.empty()) continue;
    const nlohmann::json json = nlohmann::json::parse(shown.output);
    for (const auto& socket : json.at("sockets")) {
      const auto& value = socket.at("options").at("keepidle").at("value");
      if (value.is_number()) found[socket.at("state")].insert(value.get<int>());
    }
  }
  return found;
}

bool is_running(pid_t pid) {
  const std::string status = read_file("/proc/" + std::to_string(pid) + "/stat");
  const std::size_t name = status.rfind(')');
  return name != status.npos && status.compare(name, 3, ") Z") != 0;
}

class EngineProgram : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    SOCKOPT_NEEDS_ENGINE();
    if (access(program(GetParam()).c_str(), X_OK) != 0) {
      GTEST_SKIP() << GetParam() << " was not built: its compiler is not installed";
    }
  }
};

TEST_P(EngineProgram, HasThePolicyOnAllItsSockets) {
  const TestCgroup cgroup;
  cgroup.attach_quietly("[sockopt]\nkeepalive = on\nkeepidle = 61s\nenforce = yes\n");
  Process keeper(cgroup.inside({.argv = {program(GetParam())}}));
  ASSERT_TRUE(eventually(kPatience, [&] { return keeper.output().starts_with("port "); }))
      << keeper.error();
  const auto port = static_cast<std::uint16_t>(std::stoi(keeper.output().substr(5)));
  const TcpClient client("127.0.0.1", port);
  await_socket(keeper.pid(), accepted_from(client));
  const auto found = keepidles(keeper.pid());
  EXPECT_EQ(found.size(), 2U) << "listening and connected ones";
  for (const auto& [state, values] : found) EXPECT_EQ(values, std::set<int>{61}) << state;
}

INSTANTIATE_TEST_SUITE_P(, EngineProgram,
                         testing::Values("keeper_static", "keeper_musl", "keeper_go"),
                         [](const auto& row) { return std::string(row.param); });

// Else what is overruled above would be the kernel's.
TEST(EngineGo, SetsItsOwnKeepaliveUnlessItIsEnforced) {
  SOCKOPT_NEEDS_ENGINE();
  if (access(program("keeper_go").c_str(), X_OK) != 0) GTEST_SKIP() << "Go is not installed";
  const TestCgroup cgroup;
  cgroup.attach_quietly("[sockopt]\nkeepidle = 61s\n");
  Process keeper(cgroup.inside({.argv = {program("keeper_go")}}));
  ASSERT_TRUE(eventually(kPatience, [&] { return keeper.output().starts_with("port "); }))
      << keeper.error();
  EXPECT_TRUE(eventually(kPatience, [&] {
    const auto found = keepidles(keeper.pid());
    return found.contains("ESTAB") && found.at("ESTAB") == std::set<int>{15, 30};
  })) << "its server's and its client's";
  EXPECT_EQ(keepidles(keeper.pid()).at("LISTEN"), std::set<int>{61});
}

class EngineProcesses : public testing::Test {
 protected:
  void SetUp() override { SOCKOPT_NEEDS_ENGINE(); }

  static void await_port(Process& keeper) {
    ASSERT_TRUE(eventually(kPatience, [&] { return keeper.output().starts_with("port "); }))
        << keeper.error();
  }
  static int left_alone() {
    const auto list = nlohmann::json::parse(sockopt({"attach", "--list", "--json"}).output);
    return list["attachments"][0]["counters"]["left_alone"];
  }
};

TEST_F(EngineProcesses, AChildIsReachedAsItsParentIs) {
  const TestCgroup cgroup;
  cgroup.attach_quietly("[sockopt]\nkeepidle = 61s\n");
  Process keeper(cgroup.inside({.argv = {program("keeper_static"), "fork"}}));
  await_port(keeper);
  for (const auto& [state, values] : keepidles(keeper.pid())) {
    EXPECT_EQ(values, std::set<int>{61}) << state;
  }
}

TEST_F(EngineProcesses, AProgramWithTheSetUserIdBitIsReached) {
  const TestCgroup cgroup;
  cgroup.attach_quietly("[sockopt]\nkeepidle = 61s\n");
  // A copy, which the build does not care for.
  const TemporaryDirectory files;
  const std::filesystem::path copy = files / "keeper";
  std::filesystem::copy_file(program("keeper_set_user_id"), copy);
  ASSERT_EQ(chmod(copy.c_str(), 04755), 0);
  Command command = cgroup.inside({.argv = {"setpriv", "--reuid=65534", "--clear-groups", copy}});
  Process keeper(command);
  await_port(keeper);
  const auto found = keepidles(keeper.pid());
  ASSERT_FALSE(found.empty());
  for (const auto& [state, values] : found) EXPECT_EQ(values, std::set<int>{61}) << state;
}

// What ran before keeps its sockets as they are; its new connections and listeners are set.
TEST_F(EngineProcesses, OneThatRanBeforeIsReachedFromThenOn) {
  const TestCgroup cgroup;
  const TemporaryDirectory files;
  Process server(cgroup.inside({.argv = {"python3", "-c", R"(
import os, socket, sys, time
first = socket.create_server(("127.0.0.1", 0))
print("ready", flush=True)
while not os.path.exists(sys.argv[1]): time.sleep(0.01)
second = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(second.getsockname())
print(*(s.getsockopt(6, 4) for s in (first, second, client)), flush=True)
)",
                                         files / "go on"}}));
  ASSERT_TRUE(eventually(kPatience, [&] { return server.output() == "ready\n"; }));
  cgroup.attach_quietly("[sockopt]\nkeepidle = 61s\n");
  files.write("go on", "");
  EXPECT_TRUE(server.wait());
  EXPECT_EQ(server.output(), "ready\n7200 61 61\n") << server.error();
}

TEST_F(EngineProcesses, AServerAndClientByIoUring) {
  const TestCgroup cgroup;
  cgroup.attach_quietly("[rule ring]\nprogram = keeper_uring\nkeepidle = 61s\n");
  Process keeper(cgroup.inside({.argv = {program("keeper_uring")}}));
  ASSERT_TRUE(eventually(kPatience, [&] {
    return keeper.output().starts_with("port ") || !is_running(keeper.pid());
  }));
  if (keeper.output().empty()) GTEST_SKIP() << "no io_uring here";
  const auto found = keepidles(keeper.pid());
  EXPECT_EQ(found.size(), 2U) << "listening and connected ones";
  for (const auto& [state, values] : found) EXPECT_EQ(values, std::set<int>{61}) << state;
}

TEST_F(EngineProcesses, AStormOfChildren) {
  const TestCgroup cgroup;
  for (const std::string idle : {"61", "62"}) {
    cgroup.attach_quietly(
        "[sockopt]\nkeepidle = 7s\n[rule storm]\nprogram = storm\nlisten = *\n"
        "keepidle = " +
        idle + "s\n[rule clients]\nconnect = *\nkeepidle = " + idle + "s\n");
    const Finished storm = run(cgroup.inside({.argv = {program("storm"), "300", idle}}));
    EXPECT_TRUE(storm.success()) << storm.output << storm.error;
  }
}

// Neither at bind, listen, connect and accept nor anywhere else.
TEST_F(EngineProcesses, MakeNoSystemCallMore) {
  SOCKOPT_NEEDS("strace");
  const TestCgroup cgroup;
  const TemporaryDirectory files;
  const auto traced = [&](const char* idle) {
    const std::string file = files / "trace";
    const Finished finished =
        run(cgroup.inside({.argv = {"strace", "-f", "-c", "-S", "name", "-U", "calls,name", "-o",
                                    file, program("storm"), "1", idle}}));
    EXPECT_TRUE(finished.success()) << finished.output << finished.error;
    return read_file(file);
  };
  const std::string before = traced("7200");
  EXPECT_TRUE(contains(before, " accept"));
  cgroup.attach_quietly("[sockopt]\nkeepalive = on\nkeepidle = 61s\nnodelay = on\nenforce = yes\n");
  EXPECT_EQ(traced("61"), before);
}

// A program that goes on under another name each time, until there are too many to remember.
TEST_F(EngineProcesses, ProgramsThatFindNoRoomShareNoDecision) {
  const TestCgroup cgroup;
  cgroup.attach_quietly("[sockopt]\nkeepidle = 61s\n[rule last]\nprogram = last\nkeepidle = 62s\n");
  const TemporaryDirectory files;
  std::filesystem::copy_file("/usr/bin/python3", files / "first");
  const Finished renamed = run(cgroup.inside({.argv = {files / "first", "-c", R"(
import os, socket, sys
def keepidle_as(name):
    global path
    os.rename(path, directory + "/" + name)
    path = directory + "/" + name
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    found = s.getsockopt(6, 4)
    s.close()
    return found
path = os.readlink("/proc/self/exe")
directory = os.path.dirname(path)
print({keepidle_as(f"n{i}") for i in range(int(sys.argv[1]))})
print(*(keepidle_as(name) for name in ("other", "last", "n0")))
)",
                                                       std::to_string(ENGINE_PROGRAMS)}}));
  EXPECT_EQ(renamed.output, "{61}\n7200 7200 61\n") << renamed.error;
  EXPECT_EQ(left_alone(), 2);
}

// The same of programs and addresses: what is worked out then has no room.
TEST_F(EngineProcesses, AddressesThatFindNoRoomAreLeftAlone) {
  constexpr int kAddresses = 3;
  const TestCgroup cgroup;
  cgroup.attach_quietly(
      "[rule p]\nprogram = *\nlisten = *\nkeepcnt = 3\n[rule 0]\nlisten = 127.1.1.0\nkeepidle = "
      "60s\n"
      "[rule 1]\nlisten = 127.1.1.1\nkeepidle = 61s\n[rule 2]\nlisten = 127.1.1.2\n"
      "keepidle = 62s\n");
  const TemporaryDirectory files;
  std::filesystem::copy_file("/usr/bin/python3", files / "first");
  const Finished bound = run(cgroup.inside(
      {.argv = {files / "first", "-c", R"(
import os, socket, sys
path = os.readlink("/proc/self/exe")
directory = os.path.dirname(path)
found = set()
for i in range(int(sys.argv[1])):
    new = f"{directory}/n{i}"
    os.rename(path, new)
    path = new
    for last in range(int(sys.argv[2])):
        with socket.socket() as s:
            s.bind((f"127.1.1.{last}", 0))
            s.listen()
            found.add((last, s.getsockopt(6, 4), s.getsockopt(6, 6)))
print(sorted(found))
with socket.socket() as s:
    s.bind(("127.0.0.1", 0))
    s.listen()
    print(s.getsockopt(6, 4), s.getsockopt(6, 6))
)",
                std::to_string(ENGINE_DECISIONS / kAddresses + 1), std::to_string(kAddresses)}}));
  EXPECT_EQ(bound.output.substr(0, bound.output.find('\n')),
            "[(0, 60, 3), (1, 61, 3), (2, 62, 3), (2, 7200, 9)]")
      << bound.error;
  EXPECT_TRUE(bound.output.ends_with("\n7200 9\n")) << bound.output;
  EXPECT_EQ(left_alone(), 2);
}

// Of other namespaces and roots it sees nothing, and its sockets have the policy all the same.
TEST_F(EngineProcesses, InNamespacesAndRootsOfTheirOwn) {
  const TemporaryDirectory files;
  const std::string root = files.path();
  const std::string keeper = program("keeper_static");
  std::filesystem::copy_file(keeper, root + "/keeper_static");
  std::filesystem::create_directory(root + "/old");
  const std::string with_lo = "ip link set lo up && exec " + keeper;
  const std::string pivot = "mount --bind " + root + " " + root + " && cd " + root +
                            " && pivot_root . old && exec /keeper_static";
  const std::vector<std::string> starts[] = {
      {"unshare", "--net", "sh", "-c", with_lo},
      {"unshare", "--user", "--map-root-user", "--net", "sh", "-c", with_lo},
      {"chroot", root, "/keeper_static"},
      {"unshare", "--mount", "sh", "-c", pivot},
  };
  const TestCgroup cgroup;
  cgroup.attach_quietly("[rule static]\nprogram = keeper_static\nkeepidle = 61s\n");
  for (const auto& start : starts) {
    Process inside(cgroup.inside({.argv = start}));
    await_port(inside);
    const auto found = keepidles(inside.pid());
    EXPECT_EQ(found.size(), 2U) << start.back();
    for (const auto& [state, values] : found) EXPECT_EQ(values, std::set<int>{61}) << start.back();
  }
}

// What a test makes is gone with it, however it ends.
TEST_F(EngineProcesses, ATestThatIsKilledLeavesNothing) {
  const std::string own = std::filesystem::read_symlink("/proc/self/exe");
  const std::string test = "Attach.NoSocketGoesWithoutWhileAPolicyIsReplaced";
  Process killed({.argv = {own, "--gtest_filter=" + test}});
  const std::string of_it = "sockopt_test_host_" + std::to_string(killed.pid()) + "_";
  const auto cgroups = [&] {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(*cgroup_mount())) {
      const std::string path = entry.path();
      if (path.find(of_it) != path.npos) found.push_back(path);
    }
    return found;
  };
  ASSERT_TRUE(eventually(kPatience, [&] {
    const auto found = cgroups();
    return !found.empty() && !read_file(found.front() + "/cgroup.procs").empty();
  })) << killed.error();
  killed.send_signal(SIGKILL);
  EXPECT_TRUE(eventually(kPatience, [&] { return cgroups().empty(); }));
}

// What is printed for a program out of the library's reach, to the letter.
class PrintedAttach : public EngineProcesses {
 protected:
  // Behind `before`, up to the end of the line.
  static std::string command_in(const std::string& text, const std::string& before) {
    const std::size_t at = text.find(before);
    EXPECT_NE(at, text.npos) << text;
    if (at == text.npos) return "false";
    const std::size_t begin = at + before.size();
    return text.substr(begin, text.find('\n', begin) - begin);
  }
  static Finished paste(const std::string& line) {
    Command shell = command({});
    shell.argv = {"sh", "-c", line};
    shell.environment["PATH"] = build_directory().native() + ":/usr/sbin:/usr/bin:/sbin:/bin";
    return run(shell);
  }
  TemporaryDirectory files_;
  const std::string file_ = files_.write("my own.ini", "[sockopt]\nkeepalive = on\n");
};

TEST_F(PrintedAttach, ByRun) {
  const TestCgroup cgroup;
  const Command started =
      command({"run", "-c", file_, program("keeper_static")}, {{"SOCKOPT_KEEPIDLE", "61s"}});
  Process first(cgroup.inside(started));
  await_port(first);
  const Finished attached = paste(
      command_in(first.error(),
                 "runs without options: it is statically linked, so LD_PRELOAD does not reach it; "
                 "to reach it from outside, before it starts: "));
  EXPECT_TRUE(contains(attached.output, "attached to " + cgroup.path())) << attached.error;
  Process second(cgroup.inside({.argv = {program("keeper_static")}}));
  await_port(second);
  for (const auto& [state, values] : keepidles(second.pid())) {
    EXPECT_EQ(values, std::set<int>{61}) << state;
  }
}

TEST_F(PrintedAttach, ByRunForTheSetUserIdBit) {
  const TestCgroup cgroup;
  const std::string copy = files_ / "as_root";
  std::filesystem::copy_file("/usr/bin/env", copy);
  ASSERT_EQ(chmod(copy.c_str(), 04755), 0);
  ASSERT_EQ(chmod(files_.path().c_str(), 0755), 0);
  Command started = cgroup.inside(command({"run", "-c", file_, copy}));
  started.argv[2] =
      "echo $$ >\"$0\"/cgroup.procs && "
      "exec setpriv --reuid=65534 --regid=65534 --clear-groups \"$@\"";
  const Finished finished = run(started);
  const Finished attached =
      paste(command_in(finished.error,
                       "(set-user-ID), which makes the loader ignore LD_PRELOAD; to reach it from "
                       "outside, before it starts: "));
  EXPECT_TRUE(contains(attached.output, "attached to " + cgroup.path())) << attached.error;
}

TEST_F(PrintedAttach, ByDoctorOfTheProcessAndThenWhichEngineReachesIt) {
  const TestCgroup cgroup;
  Process keeper(cgroup.inside({.argv = {program("keeper_static")}}));
  await_port(keeper);
  const std::vector<std::string> doctor = {"doctor", "-c", file_, std::to_string(keeper.pid())};
  const std::string before = sockopt(doctor).output;
  EXPECT_TRUE(contains(before, "FAIL reach"));
  EXPECT_TRUE(contains(before, "it is statically linked, so LD_PRELOAD does not reach it"));
  const Finished attached = paste(
      command_in(before,
                 "nothing is attached to its cgroup; the bpf engine would reach its new sockets   "
                 "fix: "));
  EXPECT_TRUE(attached.success()) << attached.error;
  const std::string after = sockopt(doctor).output;
  EXPECT_TRUE(contains(after, "NOTE reach"));
  EXPECT_TRUE(contains(after, "; the bpf engine sets options on its new sockets from outside\n"));
  EXPECT_TRUE(contains(after, "attached to " + cgroup.path() + ", for new sockets: keepalive"));
}

TEST_F(PrintedAttach, ByDoctorOfAUserWhoDoesNotSeeWhatIsAttached) {
  const TestCgroup cgroup;
  cgroup.attach_quietly("[sockopt]\nkeepalive = on\n");
  const std::vector<std::string> as_nobody = {"setpriv", "--reuid=65534", "--regid=65534",
                                              "--clear-groups"};
  ASSERT_EQ(chmod(files_.path().c_str(), 0755), 0);
  Command started = cgroup.inside({.argv = {program("keeper_static")}});
  started.argv.insert(started.argv.begin() + 4, as_nobody.begin(), as_nobody.end());
  Process keeper(started);
  await_port(keeper);
  Command doctor = command({"doctor", "-c", file_, std::to_string(keeper.pid())});
  const Finished seen = run(doctor);
  EXPECT_TRUE(contains(seen.output, "attached to " + cgroup.path()));
  doctor.argv.insert(doctor.argv.begin(), as_nobody.begin(), as_nobody.end());
  const Finished unseen = run(doctor);
  EXPECT_TRUE(contains(unseen.output,
                       "the bpf engine would reach its new sockets; whether it is attached to its "
                       "cgroup, only root sees   fix: sockopt attach"));
  EXPECT_FALSE(contains(unseen.output, "nothing is attached"));
}

TEST_F(EngineProcesses, NginxAndItsWorkersAfterAReload) {
  SOCKOPT_NEEDS("nginx");
  const TestCgroup cgroup;
  cgroup.attach_quietly("[rule web]\nprogram = nginx\nkeepalive = on\nkeepidle = 61s\n");
  const TemporaryDirectory files;
  const auto configure = [&](std::uint16_t port) {
    return files.write("nginx.conf", "daemon off; worker_processes 2; error_log stderr; pid " +
                                         (files / "pid").string() +
                                         ";\nevents {}\nhttp { access_log off; " +
                                         "server { listen 127.0.0.1:" + std::to_string(port) +
                                         "; return 200 ok; } }\n");
  };
  std::uint16_t port = free_port();
  const std::filesystem::path file = configure(port);
  Process nginx(cgroup.inside({.argv = {"nginx", "-p", files.path(), "-c", file}}));
  ASSERT_TRUE(eventually(kPatience, [&] { return accepts_connections("127.0.0.1", port); }))
      << nginx.error();
  const TcpClient client("127.0.0.1", port);
  await_socket(nginx.pid(), accepted_from(client));
  EXPECT_EQ(keepidles(nginx.pid()).at("ESTAB"), std::set<int>{61});
  port = free_port();
  configure(port);
  nginx.send_signal(SIGHUP);
  ASSERT_TRUE(eventually(kPatience, [&] { return accepts_connections("127.0.0.1", port); }))
      << nginx.error();
  for (const auto& [state, values] : keepidles(nginx.pid())) {
    EXPECT_EQ(values, std::set<int>{61}) << state;
  }
}

TEST_F(EngineProcesses, RedisIsOverruledOnlyUnderEnforce) {
  SOCKOPT_NEEDS("redis-server");
  for (const bool enforced : {false, true}) {
    const TestCgroup cgroup;
    cgroup.attach_quietly(std::string("[sockopt]\nkeepidle = 61s\n") +
                          (enforced ? "enforce = yes\n" : ""));
    const std::uint16_t port = free_port();
    Process redis(cgroup.inside({.argv = {"redis-server", "--port", std::to_string(port), "--bind",
                                          "127.0.0.1", "--save", "", "--dir", "/tmp"}}));
    ASSERT_TRUE(eventually(kPatience, [&] { return accepts_connections("127.0.0.1", port); }));
    const TcpClient client("127.0.0.1", port);
    await_socket(redis.pid(), accepted_from(client));
    ASSERT_TRUE(eventually(kPatience, [&] {
      const auto found = keepidles(redis.pid());
      return found.contains("ESTAB") && found.at("ESTAB") == std::set<int>{enforced ? 61 : 300};
    })) << "redis sets 300 s after accept";
    EXPECT_EQ(keepidles(redis.pid()).at("LISTEN"), std::set<int>{61});
  }
}

}  // namespace
}  // namespace sockopt::test
