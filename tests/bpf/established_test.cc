// SPDX-License-Identifier: MIT
//
// `attach --established`: sockets that were there before the attachment, connections among them,
// and the way back.
#include <gtest/gtest.h>
#include <sys/types.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>

#include "tests/bpf/engine_host.h"
#include "tools/inspect/process_sockets.h"

namespace sockopt::test {
namespace {

constexpr const char* kPolicy = "[sockopt]\nkeepidle = 61s\nbacklog = 300\n";

class Established : public testing::Test {
 protected:
  void SetUp() override { SOCKOPT_NEEDS_ENGINE(); }

  static void await_port(Process& keeper) {
    ASSERT_TRUE(eventually(kPatience, [&] { return keeper.output().starts_with("port "); }))
        << keeper.error();
    // It accepts its own connection behind that.
    ASSERT_TRUE(
        eventually(kPatience, [&] { return values(keeper.pid(), "keepidle").size() == 3; }));
  }
  // Of the listener and both ends of the connection, by what they are.
  static std::multiset<std::string> values(pid_t pid, const char* key) {
    std::multiset<std::string> found;
    for (const SocketSnapshot& socket : list_sockets(pid).sockets) {
      found.insert(std::string(state_name(socket.facts.state.value_or(0))) + " " +
                   socket.text(key));
    }
    return found;
  }
};

using Values = std::multiset<std::string>;

TEST_F(Established, AllSocketsThatAreThereAndBack) {
  const TestCgroup cgroup;
  const TestCgroup other("other");
  Process keeper(cgroup.inside({.argv = {program("keeper_static")}}));
  Process outside(other.inside({.argv = {program("keeper_static")}}));
  await_port(keeper);
  await_port(outside);
  const Finished attached = cgroup.attach(kPolicy, {"--established"});
  EXPECT_EQ(status(attached), 0) << attached.error;
  EXPECT_EQ(values(keeper.pid(), "keepidle"), (Values{"ESTAB 61s", "ESTAB 61s", "LISTEN 61s"}));
  EXPECT_TRUE(values(keeper.pid(), "backlog").contains("LISTEN 300"));
  EXPECT_EQ(values(outside.pid(), "keepidle"),
            (Values{"ESTAB 7200s", "ESTAB 7200s", "LISTEN 7200s"}));
  EXPECT_TRUE(contains(attached.output, "attached to " + cgroup.path() + " (1 process)"));
  EXPECT_TRUE(contains(attached.output,
                       "Sockets: 3 changed, 0 failed. New sockets have it by the attachment, and "
                       "backlog by sockopt watch, as long as that runs.\n"));
  // As it is printed, so that it can be pasted.
  ASSERT_TRUE(cgroup.detach().success());
  std::string undo;
  std::istringstream lines(attached.output);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("Undo: sockopt ")) undo += command_path() + line.substr(13) + "\n";
  }
  ASSERT_NE(undo, "") << attached.output;
  const Finished undone = run({.argv = {"sh", "-ec", undo}});
  EXPECT_TRUE(undone.success()) << undone.error;
  EXPECT_EQ(values(keeper.pid(), "keepidle"),
            (Values{"ESTAB 7200s", "ESTAB 7200s", "LISTEN 7200s"}));
  EXPECT_TRUE(values(keeper.pid(), "backlog").contains("LISTEN 5"));
}

TEST_F(Established, SaysByWhatNewSocketsHaveIt) {
  const TestCgroup cgroup;
  Process keeper(cgroup.inside({.argv = {program("keeper_static")}}));
  await_port(keeper);
  EXPECT_TRUE(contains(cgroup.attach("[sockopt]\nkeepidle = 61s\n", {"--established"}).output,
                       "0 failed. New sockets have it by the attachment.\n"));
  EXPECT_TRUE(contains(cgroup.attach("[sockopt]\nbacklog = 300\n", {"--established"}).output,
                       " New sockets have it by sockopt watch, as long as that runs.\n"));
}

// By the name that new sockets are set by, and by no other one of the process.
TEST_F(Established, KnowsProgramsAsTheEngineDoes) {
  const TestCgroup cgroup;
  const TemporaryDirectory files;
  std::filesystem::copy_file(program("keeper_static"), files / "renamed");
  std::filesystem::create_symlink("renamed", files / "server");
  Process keeper(cgroup.inside({.argv = {files / "server"}}));
  await_port(keeper);
  EXPECT_EQ(
      status(cgroup.attach("[rule a]\nprogram = server\nkeepidle = 61s\n", {"--established"})), 0);
  EXPECT_EQ(values(keeper.pid(), "keepidle"),
            (Values{"ESTAB 7200s", "ESTAB 7200s", "LISTEN 7200s"}));
  EXPECT_EQ(
      status(cgroup.attach("[rule a]\nprogram = renamed\nkeepidle = 61s\n", {"--established"})), 0);
  EXPECT_EQ(values(keeper.pid(), "keepidle"), (Values{"ESTAB 61s", "ESTAB 61s", "LISTEN 61s"}));
}

TEST_F(Established, AsJson) {
  const TestCgroup cgroup;
  Process keeper(cgroup.inside({.argv = {program("keeper_static")}}));
  await_port(keeper);
  const nlohmann::json json =
      nlohmann::json::parse(cgroup.attach(kPolicy, {"--established", "--json"}).output);
  EXPECT_EQ(json["schema"], "sockopt.attach/1");
  EXPECT_EQ(json["attached"][0]["cgroup"], cgroup.path());
  EXPECT_EQ(json["attached"][0]["processes"], 1);
  EXPECT_EQ(json["attached"][0]["replaced"], false);
  EXPECT_EQ(json["options"], nlohmann::json({"keepidle"}));
  EXPECT_EQ(json["left_to_watch"], nlohmann::json({"backlog"}));
  EXPECT_EQ(json["established"]["schema"], "sockopt.apply/1");
  EXPECT_EQ(json["established"]["changed"], 3);
  EXPECT_GE(json["established"]["undo"].size(), 1U);
  const nlohmann::json again = nlohmann::json::parse(cgroup.attach(kPolicy, {"--json"}).output);
  EXPECT_EQ(again["attached"][0]["replaced"], true);
  EXPECT_TRUE(again["established"].is_null());
}

// Where another policy is nearer, its sockets are not this one's.
TEST_F(Established, LeavesNestedAttachmentsAlone) {
  const TestCgroup above("above");
  const TestCgroup below("below", &above);
  Process keeper(below.inside({.argv = {program("keeper_static")}}));
  await_port(keeper);
  ASSERT_TRUE(below.attach("[sockopt]\nkeepcnt = 3\n").success());
  const Finished attached = above.attach(kPolicy, {"--established"});
  EXPECT_EQ(status(attached), 0) << attached.error;
  EXPECT_TRUE(values(keeper.pid(), "keepidle").contains("LISTEN 7200s"));
}

TEST_F(Established, NothingIsChangedWhereNothingIsAttached) {
  const TestCgroup cgroup;
  Process keeper(cgroup.inside({.argv = {program("keeper_static")}}));
  await_port(keeper);
  const Finished refused = cgroup.attach("[sockopt]\nkeepidle = never\n", {"--established"});
  EXPECT_EQ(status(refused), 1);
  EXPECT_TRUE(values(keeper.pid(), "keepidle").contains("LISTEN 7200s"));
  Command closed = command(
      {"attach", "--no-file", "-o", "keepidle=61s", "--established", "--cgroup", cgroup.path()});
  closed.descriptors[1] = Command::kClosed;
  const Finished unseen = run(closed);
  EXPECT_EQ(status(unseen), 1);
  EXPECT_TRUE(contains(unseen.error, "nothing was attached"));
  EXPECT_TRUE(contains(sockopt({"attach", "--list"}).output, "Nothing is attached."));
}

TEST_F(Established, AThousandListenersOfOneProcess) {
  const TestCgroup cgroup;
  Process server(cgroup.inside({.argv = {"python3", "-c", R"(
import resource, socket, time
resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
all = [socket.create_server(("127.0.0.1", 0), backlog=5) for _ in range(1000)]
print("ready", flush=True)
time.sleep(600)
)"}}));
  ASSERT_TRUE(eventually(kPatience, [&] { return server.output() == "ready\n"; }));
  const Finished attached = cgroup.attach(kPolicy, {"--established"});
  EXPECT_EQ(status(attached), 0) << attached.error;
  EXPECT_TRUE(contains(attached.output, "Sockets: 1000 changed, 0 failed."));
  EXPECT_EQ(values(server.pid(), "keepidle").count("LISTEN 61s"), 1000U);
}

}  // namespace
}  // namespace sockopt::test
