// SPDX-License-Identifier: MIT
//
// Containers are namespaces: their sockets are seen from outside, under the numbers that outside
// has for them, and are held to what their own network namespace allows.
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "tests/support/requirements.h"
#include "tests/support/shown_sockets.h"

namespace sockopt::test {
namespace {

constexpr const char* kListener =
    "os.system('ip link set lo up')\n"
    "l = socket.create_server(('127.0.0.1', 0), backlog=16)\n";

std::uint64_t net_namespace(pid_t pid) {
  struct stat space = {};
  stat(("/proc/" + std::to_string(pid) + "/ns/net").c_str(), &space);
  return space.st_ino;
}

class Namespaces : public testing::Test {
 protected:
  void SetUp() override { SOCKOPT_NEEDS_ROOT("to make namespaces"); }
};

TEST_F(Namespaces, Network) {
  const Holder inside(kListener, {"unshare", "--net"});
  const Listener outside;
  const auto json = show_json({inside.word(), own_word()});
  ASSERT_EQ(json["sockets"].size(), 2u);
  EXPECT_EQ(socket_at(json, outside.text())["netns"], net_namespace(getpid()));
  const auto& first = json["sockets"][0];
  const auto& second = json["sockets"][1];
  EXPECT_NE(first["netns"], second["netns"]);
  EXPECT_TRUE(first["netns"] == net_namespace(inside.pid()) ||
              second["netns"] == net_namespace(inside.pid()));
  EXPECT_TRUE(contains(show({inside.word(), own_word()}).output, " NETNS "))
      << "one address may be there in both";
}

TEST_F(Namespaces, BacklogIsBoundedByTheSysctlInside) {
  const std::string python =
      "open('/proc/sys/net/core/somaxconn', 'w').write('64')\n" + std::string(kListener);
  const Holder inside(python, {"unshare", "--net"});
  const auto json = show_json({inside.word()}, "[sockopt]\nbacklog = 5000\n");
  const auto& backlog = json["sockets"][0]["options"]["backlog"];
  EXPECT_EQ(backlog["want"], 64);
  EXPECT_EQ(backlog["value"], 16);
}

TEST_F(Namespaces, PidAndUser) {
  SOCKOPT_NEEDS_NAMESPACES("--user", "--map-root-user");
  for (const std::vector<std::string>& kind : std::vector<std::vector<std::string>>{
           {"unshare", "--pid", "--fork", "--kill-child"},
           {"unshare", "--user", "--map-root-user", "--net"},
           {"unshare", "--user", "--map-root-user", "--pid", "--net", "--fork", "--kill-child"}}) {
    SCOPED_TRACE(kind[1] + " " + kind[2]);
    const Holder inside(kListener, kind);
    const auto json = show_json({inside.word()});
    ASSERT_EQ(json["sockets"].size(), 1u);
    EXPECT_EQ(json["sockets"][0]["owners"][0]["pid"], inside.pid());
  }
}

// In a pid namespace under the /proc of the one around it, a number is one process for /proc and
// another one for the kernel. Here 1 is the command itself, and out there somebody else.
TEST_F(Namespaces, UnderSomebodyElsesProc) {
  const TemporaryDirectory directory;
  const Finished shown = run({.argv = {"unshare", "--pid", "--fork", command_path(), "show", "-c",
                                       directory.write("empty.ini", ""), "1"}});
  EXPECT_EQ(status(shown), 3);
  EXPECT_TRUE(contains(shown.error, "(1): unreadable: /proc belongs to another PID namespace"));
  EXPECT_TRUE(contains(shown.error, "needs a /proc of its own (mount -t proc proc /proc)\n"));
  EXPECT_TRUE(contains(shown.output, "0 groups;"));
}

TEST_F(Namespaces, ByNameOnlyOnRequest) {
  const TemporaryDirectory directory;
  const std::string name = "contained" + own_word();
  std::filesystem::copy_file("/usr/bin/python3", directory / name);
  Process inside({.argv = {"unshare", "--net", directory / name, "-c",
                           "import socket, time\ns = socket.socket()\ns.listen()\n"
                           "print(1, flush=True)\ntime.sleep(600)"}});
  ASSERT_TRUE(eventually(kPatience, [&] { return inside.output() == "1\n"; })) << inside.error();
  EXPECT_EQ(show({name}, "", 1).error,
            "sockopt: " + name +
                ": runs only in other PID or network namespaces; --all-namespaces includes them\n");
  EXPECT_EQ(count(show({"--all-namespaces", name}).output, "LISTEN"), 1);
}

// A socket stays in the namespace that it was made in, wherever its process goes.
TEST_F(Namespaces, SocketOfAnotherThanItsProcess) {
  const Holder moved(std::string("l = socket.create_server(('127.0.0.1', 0), backlog=16)\n") +
                     "assert ctypes.CDLL(None).unshare(0x40000000) == 0");
  ASSERT_NE(net_namespace(moved.pid()), net_namespace(getpid()));
  const auto alone = show_json({moved.word()});
  EXPECT_EQ(alone["sockets"][0]["netns"], nullptr) << "nobody in it was looked at";
  const Listener outside;
  const auto both = show_json({moved.word(), own_word()});
  for (const auto& socket : both["sockets"]) EXPECT_EQ(socket["netns"], net_namespace(getpid()));
}

}  // namespace
}  // namespace sockopt::test
