// SPDX-License-Identifier: MIT
//
// Programs that a preloaded library does not reach, unmodified, in a cgroup with an attachment:
// what their sockets hold is read from outside.
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <set>

#include "tests/bpf/engine_host.h"
#include "tests/support/configuration.h"
#include "tests/support/requirements.h"
#include "tests/support/servers/process_tree_sockets.h"
#include "tests/support/tcp_client.h"
#include "tests/support/users.h"

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

class EngineProcesses : public testing::Test {
 protected:
  void SetUp() override { SOCKOPT_NEEDS_ENGINE(); }

  static void await_port(Process& keeper) {
    ASSERT_TRUE(eventually(kPatience, [&] { return keeper.output().starts_with("port "); }))
        << keeper.error();
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
