// SPDX-License-Identifier: MIT
//
// The table: what a line is, what it says, and what becomes of many that are the same.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "tests/support/paths.h"
#include "tests/support/requirements.h"
#include "tests/support/shown_sockets.h"
#include "tests/support/terminal.h"

namespace sockopt::test {
namespace {

using Words = std::vector<std::string>;

std::string program() { return "show_tests(" + own_word() + ")"; }

TEST(ShowTable, Listener) {
  const Listener listener(7);
  const TcpClient first = listener.connect();
  const TcpClient second = listener.connect();
  const Finished shown = show({own_word()});
  EXPECT_EQ(words_of(line_with(shown.output, "STATE")),
            (Words{"STATE", "LOCAL", "PROGRAM", "QUEUE", "DROPS", "KEEPALIVE", "USER_TIMEOUT",
                   "NODELAY", "FROM"}));
  EXPECT_EQ(words_of(line_with(shown.output, "LISTEN")),
            (Words{"LISTEN", listener.text(), program(), "2/7", "0", "off", "-", "off", "-"}));
  EXPECT_TRUE(contains(shown.output, "; no policy is configured.\n"));
  EXPECT_EQ(shown.error, "");
}

TEST(ShowTable, WhatTheProgramHasSet) {
  const Listener listener;
  listener.set(SOL_SOCKET, SO_KEEPALIVE, 1);
  listener.set(IPPROTO_TCP, TCP_KEEPIDLE, 61);
  listener.set(IPPROTO_TCP, TCP_KEEPINTVL, 11);
  listener.set(IPPROTO_TCP, TCP_KEEPCNT, 4);
  listener.set(IPPROTO_TCP, TCP_USER_TIMEOUT, 107'000);
  listener.set(IPPROTO_TCP, TCP_NODELAY, 1);
  const std::string line = line_with(show({own_word()}).output, "LISTEN");
  EXPECT_EQ(words_of(line), (Words{"LISTEN", listener.text(), program(), "0/16", "0", "61s/11s/4",
                                   "107s", "on", "program?"}));
}

TEST(ShowTable, DropsOfAFullQueue) {
  const Listener listener(0);
  const TcpClient fits = listener.connect();
  const UniqueFd late(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
  sockaddr_in address{};
  socklen_t size = sizeof address;
  getsockname(listener.fd(), reinterpret_cast<sockaddr*>(&address), &size);
  connect(late.get(), reinterpret_cast<const sockaddr*>(&address), size);
  EXPECT_TRUE(eventually(kPatience, [&] {
    const Words words = words_of(line_with(show({own_word()}).output, "LISTEN"));
    return words.size() > 4 && words[3] == "1/0" && words[4] != "0";
  }));
}

TEST(ShowTable, IdenticalConnectionsAreOneLine) {
  const Listener listener;
  const Connections connections(listener, 5);
  const std::string output = show({own_word()}).output;
  EXPECT_EQ(count(output, "ESTAB"), 2) << output;
  // Those that came in, under their listener; those that went out, under their peer.
  EXPECT_EQ(words_of(line_with(output, "ESTAB ×5  " + listener.text())),
            (Words{"ESTAB", "×5", listener.text(), program(), "-", "-", "off", "-", "off", "-"}));
  EXPECT_TRUE(contains(output, "ESTAB ×5  → " + listener.text()));
  EXPECT_TRUE(contains(output, "3 groups;"));
}

TEST(ShowTable, FitsATerminal) {
  const Listener listener;
  const Connections connections(listener, 5);
  const TemporaryDirectory directory;
  const std::string file =
      directory.write("policy.ini", "[sockopt]\nkeepalive = on\nkeepidle = 60s\nsyncnt = 3\n");
  const Environment plain = {{"NO_COLOR", "1"}, {"LC_ALL", "C.UTF-8"}};
  for (const int columns : {72, 80, 100, 132}) {
    const std::string shown = on_terminal(columns, {"show", "-c", file, own_word()}, plain);
    const std::string fitted = shown.substr(0, shown.rfind("\n3 groups"));
    EXPECT_LE(widest_line(fitted), columns) << shown;
    EXPECT_TRUE(contains(shown, "ESTAB ×5")) << shown;
  }
  const std::string narrow = on_terminal(80, {"show", "-c", file, own_word()}, plain);
  EXPECT_TRUE(contains(line_with(narrow, "STATE"), " KEEPALIVE")) << "what matters most stays";
  EXPECT_EQ(count(line_with(narrow, "STATE"), "NODELAY"), 0) << narrow;
  EXPECT_TRUE(contains(line_with(narrow, "No room for "), " NODELAY ")) << narrow;
  const std::string wide = on_terminal(80, {"show", "--wide", "-c", file, own_word()}, plain);
  EXPECT_TRUE(contains(line_with(wide, "STATE"), " NODELAY ")) << wide;
  EXPECT_EQ(count(wide, "No room for"), 0);
}

TEST(ShowTable, SignsOfAPlainLocale) {
  const Listener listener;
  const Connections connections(listener, 2);
  const TemporaryDirectory directory;
  const Finished shown =
      sockopt({"show", "-c", directory.write("empty.ini", ""), own_word()}, {{"LC_ALL", "C"}});
  EXPECT_TRUE(contains(shown.output, "ESTAB x2  -> " + listener.text()));
}

TEST(ShowTable, WhatHoldsAnotherValueIsAnotherGroup) {
  const Listener listener;
  const Connections connections(listener, 5);
  const int on = 1;
  ASSERT_EQ(setsockopt(connections.accepted[1].get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), 0);
  const std::string output = show({own_word()}).output;
  EXPECT_TRUE(contains(output, "ESTAB ×4  " + listener.text()));
  const std::string other = line_with(output, "ESTAB     " + listener.text());
  EXPECT_TRUE(other.ends_with(" on       program?")) << output;
}

TEST(ShowTable, EachIsALineOfItsOwn) {
  const Listener listener;
  const Connections connections(listener, 5);
  const std::string output = show({own_word(), "--each"}).output;
  EXPECT_EQ(count(output, "ESTAB"), 10);
  for (const TcpClient& client : connections.clients) {
    const std::string end = "127.0.0.1:" + std::to_string(client.local_port());
    EXPECT_EQ(count(output, end), 2) << "as peer of one and local end of the other\n" << output;
  }
  EXPECT_TRUE(contains(output, "11 sockets;"));
}

TEST(ShowTable, ListenersFirstAndByPort) {
  const Listener one;
  const Listener other;
  const Connections connections(one, 1);
  const std::string output = show({own_word()}).output;
  const Listener& low = one.port() < other.port() ? one : other;
  const Listener& high = one.port() < other.port() ? other : one;
  EXPECT_LT(output.find("LISTEN  " + low.text()), output.find("LISTEN  " + high.text())) << output;
  EXPECT_LT(output.rfind("LISTEN"), output.find("ESTAB"));
}

TEST(ShowTable, SharedSocketOnceWithAllItsOwners) {
  const Listener listener;
  Process first({.argv = {"sleep", "600"}, .descriptors = {{9, listener.fd()}}});
  Process second({.argv = {"sleep", "600"}, .descriptors = {{7, listener.fd()}}});
  const std::vector<std::string> all = {own_word(), std::to_string(first.pid()),
                                        std::to_string(second.pid())};
  const std::string output = show(all).output;
  EXPECT_EQ(count(output, "LISTEN"), 1) << output;
  // Two of one name: in a row, or the first and how many more.
  const bool in_a_row = second.pid() == first.pid() + 1;
  const std::string sleeps = "sleep(" + std::to_string(first.pid()) +
                             (in_a_row ? ".." + std::to_string(second.pid()) : "+1") + ")";
  const std::string owners = words_of(line_with(output, "LISTEN"))[2];
  EXPECT_TRUE(contains(owners, sleeps));
  EXPECT_TRUE(contains(owners, program()));
  const std::string wide = show({all[1], all[2], "--wide"}).output;
  EXPECT_TRUE(contains(wide, "sleep(" + all[1] + "," + all[2] + ")")) << "every one of them";
}

TEST(ShowTable, ConnectionOfSomebodyElsesListener) {
  const Listener listener;
  const Connections connections(listener, 1);
  Process session({.argv = {"sleep", "600"}, .descriptors = {{9, connections.accepted[0].get()}}});
  const std::string line = line_with(show({std::to_string(session.pid())}).output, "ESTAB");
  EXPECT_EQ(words_of(line)[1], listener.text()) << "it came in, although no listener is shown";
}

TEST(ShowTable, WideTellsTheRest) {
  const Listener listener;
  listener.set(SOL_SOCKET, SO_PRIORITY, 3);
  listener.set(IPPROTO_TCP, TCP_DEFER_ACCEPT, 5);
  const std::string output = show({own_word(), "--wide"}).output;
  const Words titles = words_of(line_with(output, "STATE"));
  EXPECT_EQ(titles.back(), "OTHERWISE");
  EXPECT_TRUE(contains(output, " UNIT "));
  EXPECT_TRUE(contains(output, " NETNS "));
  EXPECT_TRUE(contains(output, "defer_accept=7s priority=3\n"));
}

TEST(ShowTable, LingerThatIsOffAgainIsNotSet) {
  const Listener listener;
  for (const int on : {1, 0}) {
    const linger value = {.l_onoff = on, .l_linger = 5};
    ASSERT_EQ(setsockopt(listener.fd(), SOL_SOCKET, SO_LINGER, &value, sizeof value), 0);
    EXPECT_EQ(count(show({own_word(), "--wide"}).output, "linger=5s"), on);
  }
  EXPECT_EQ(count(show({own_word(), "--wide"}).output, "linger="), 0);
}

TEST(ShowTable, SocketThatDoesNothingYet) {
  const UniqueFd fd(socket(AF_INET6, SOCK_STREAM, 0));
  EXPECT_EQ(words_of(line_with(show({own_word()}).output, "UNCONN"))[1], "[::]:0");
}

TEST(ShowTable, MptcpAndWhatItCannotTell) {
  constexpr int kMptcp = 262;
  const Listener listener(9, AF_INET, kMptcp);
  if (listener.port() == 0) GTEST_SKIP() << "this kernel has no MPTCP";
  const std::string line = line_with(show({own_word()}).output, "LISTEN");
  EXPECT_TRUE(contains(line, " 0/9 "));
  EXPECT_EQ(words_of(line)[6], "?") << "it has no user_timeout: " << line;
}

TEST(ShowTable, NothingThere) {
  Process idle({.argv = {"sleep", "600"}});
  const Finished shown = show({std::to_string(idle.pid())});
  EXPECT_EQ(shown.output, "0 groups; no policy is configured.\n");
  // It may hold one all the same.
  EXPECT_EQ(sockopt({"show", std::to_string(idle.pid())}).output,
            "0 groups: no TCP socket was found.\n");
  EXPECT_TRUE(contains(show({std::to_string(idle.pid())}, "[sockopt]\nnodelay = on\n").output,
                       "0 groups, none differs from /"));
}

TEST(ShowTable, NameThatWouldSteerATerminal) {
  char name[16] = "";
  prctl(PR_GET_NAME, name);
  prctl(PR_SET_NAME, "a\x1b[31m\"b\\c");
  const Listener listener;
  const Finished shown = show({own_word()});
  const Finished metrics = show({own_word(), "--prometheus"});
  const nlohmann::json json = show_json({own_word()});
  prctl(PR_SET_NAME, name);
  EXPECT_TRUE(contains(shown.output, "a\\x1b[31m\"b\\c(" + own_word() + ")"));
  EXPECT_TRUE(contains(metrics.output, "program=\"a\\\\x1b[31m\\\"b\\\\c\""));
  EXPECT_EQ(json["sockets"][0]["owners"][0]["program"], "a\\x1b[31m\"b\\c");
  EXPECT_EQ(shown.output.find('\x1b'), std::string::npos);
}

TEST(ShowTable, AllListenersWithoutAWord) {
  SOCKOPT_NEEDS_ROOT("for a pid namespace");
  SOCKOPT_NEEDS_NAMESPACES("--pid", "--net", "--fork", "--mount-proc");
  // What is seen there is the two processes of the test and nobody else's.
  const TemporaryDirectory directory;
  const std::string script =
      "/usr/bin/python3 -c '\n"
      "import signal, socket\n"
      "l = socket.create_server((\"127.0.0.1\", 0)); c = "
      "socket.create_connection(l.getsockname())\n"
      "print(l.getsockname()[1], flush=True); signal.pause()' > " +
      (directory / "port").string() + " &\n" + "ip link set lo up; until [ -s " +
      (directory / "port").string() + " ]; do :; done\n" + command_path() + " show -c " +
      directory.write("empty.ini", "").string() + "; echo status $?; kill %1";
  const Finished shown =
      run({.argv = {"unshare", "--pid", "--net", "--fork", "--mount-proc", "--kill-child", "bash",
                    "-c", "ip link set lo up\n" + script}});
  EXPECT_EQ(count(shown.output, "LISTEN"), 1) << shown.output << shown.error;
  EXPECT_EQ(count(shown.output, "ESTAB"), 0) << shown.output;
  EXPECT_TRUE(contains(shown.output, read_file(directory / "port").substr(0, 4)));
  EXPECT_TRUE(contains(shown.output, "1 group; no policy is configured.\nstatus 0\n"));
}

// One of two servers has a policy: its file is not the other's.
TEST(ShowTable, SaysHowManyHaveAPolicy) {
  SOCKOPT_NEEDS_ROOT("for a pid namespace");
  SOCKOPT_NEEDS_NAMESPACES("--pid", "--net", "--fork", "--mount-proc");
  const TemporaryDirectory directory;
  directory.write("a.ini", "[sockopt]\nkeepidle = 60s\n");
  directory.write("script", "ip link set lo up; export SOCKOPT_CONFIG=$PWD/none.ini; > none.ini\n" +
                                (build_directory() / "demo_server").string() + " > out1 &\n" +
                                "LD_PRELOAD=" + library().string() + " SOCKOPT_CONFIG=$PWD/a.ini " +
                                (build_directory() / "demo_server").string() + " > out2 &\n" +
                                "until [ -s out1 ] && [ -s out2 ]; do sleep 0.01; done\n" +
                                command_path() + " show\n");
  const Finished shown = run({.argv = {"unshare", "--pid", "--net", "--fork", "--mount-proc",
                                       "--kill-child", "bash", "script"},
                              .directory = directory.path()});
  EXPECT_TRUE(contains(shown.output, "\n2 groups, 1 has a policy, none differs from " +
                                         (directory / "a.ini").string() + ".\n"))
      << shown.output << shown.error;
}

}  // namespace
}  // namespace sockopt::test
