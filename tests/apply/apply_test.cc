// SPDX-License-Identifier: MIT
//
// Listeners of a running server: what is changed, what is said of it, and what the server then sees
// on the connections that come in.
#include <fcntl.h>
#include <gtest/gtest.h>

#include "tests/support/servers/demo_server.h"
#include "tests/support/terminal.h"

namespace sockopt::test {
namespace {

// The cap of this namespace, as a listener of our own shows it.
std::uint32_t longest_backlog() {
  const DemoServer probe({"--backlog", "2147483647"});
  return probe.listener().facts.queue_limit.value();
}

std::string subject(const DemoServer& server, std::size_t listener = 0) {
  return "LISTEN " + server.address(listener) + ":" + std::to_string(server.port(listener)) +
         "  demo_server(" + server.word() + ")";
}

TEST(Apply, NewConnectionsInherit) {
  const DemoServer server;
  TcpClient before = server.connect();
  EXPECT_EQ(DemoServer::options(before)["keepidle"], 7200);
  const Finished applied =
      apply({"-o", "keepalive=on", "-o", "keepidle=61s", "-o", "nodelay=on", server.word()});
  EXPECT_EQ(applied.error, "");
  EXPECT_TRUE(contains(applied.output, subject(server) +
                                           "  keepalive off -> on  keepidle 7200s -> 61s  "
                                           "nodelay off -> on\n"
                                           "Sockets: 1 changed, 0 failed; 1 connection left alone "
                                           "(--established)."));
  TcpClient after = server.connect();
  const auto options = DemoServer::options(after);
  EXPECT_EQ(options["keepalive"], 1);
  EXPECT_EQ(options["keepidle"], 61);
  EXPECT_EQ(options["nodelay"], 1);
  EXPECT_EQ(DemoServer::options(before)["keepidle"], 7200) << "not asked for";
}

TEST(Apply, ASecondTimeChangesNothing) {
  const DemoServer server({"--family", "both"});
  const std::vector<std::string> arguments = {
      "-o", "keepalive=on", "-o", "backlog=16384",    "-o",         "rcvbuf=100000",
      "-o", "tos=ef",       "-o", "defer_accept=30s", server.word()};
  EXPECT_TRUE(contains(apply(arguments).output, "2 changed, 0 failed."));
  const std::string before = held(server.sockets());
  const Finished again = apply(arguments);
  EXPECT_EQ(again.output, "Sockets: 0 changed, 0 failed, 2 already set.\n");
  EXPECT_EQ(held(server.sockets()), before);
}

TEST(Apply, SaysWhatTheKernelMadeOfIt) {
  const DemoServer server({"--backlog", "5"});
  const std::uint32_t cap = longest_backlog();
  const std::string asked = std::to_string(cap + 1000);
  const Finished applied = apply(
      {"-o", "backlog=" + asked, "-o", "rcvbuf=100000", "-o", "defer_accept=5s", server.word()});
  EXPECT_TRUE(contains(applied.output, "  backlog 5 -> " + std::to_string(cap) + " (asked " +
                                           asked + ", somaxconn)"));
  EXPECT_TRUE(contains(applied.output, "(asked 100000, doubled)"));
  EXPECT_TRUE(contains(applied.output, "  defer_accept 0s -> 7s (asked 5s, rounded)"));
  EXPECT_EQ(server.listener().facts.queue_limit, cap);
}

TEST(Apply, DryRunSaysTheSameAndChangesNothing) {
  const DemoServer server({"--family", "both"});
  std::vector<std::string> arguments = {"-o",         "keepalive=on",  "-o", "backlog=1000000",
                                        "-o",         "rcvbuf=100000", "-o", "defer_accept=5s",
                                        server.word()};
  const std::string before = held(server.sockets());
  std::vector<std::string> dry_run = arguments;
  dry_run.emplace_back("--dry-run");
  const std::string said = apply(dry_run).output;
  EXPECT_EQ(held(server.sockets()), before);
  EXPECT_TRUE(contains(said, "2 would change, 0 would fail.\n"));
  EXPECT_TRUE(undo_lines(said).empty());
  const std::string done = apply(arguments).output;
  EXPECT_EQ(said.substr(0, said.find("\nSockets:")), done.substr(0, done.find("\nSockets:")));
}

TEST(Apply, FitsATerminal) {
  const DemoServer server({"--backlog", "5"});
  const std::vector<std::string> dry_run = {"apply",      "-n",           "-o", "keepalive=on",
                                            "-o",         "keepidle=61s", "-o", "nodelay=on",
                                            "-o",         "backlog=50",   "-o", "rcvbuf=100000",
                                            server.word()};
  const std::string shown = on_terminal(80, dry_run, {{"NO_COLOR", "1"}});
  EXPECT_LE(widest_line(shown), 80) << shown;
  EXPECT_TRUE(contains(shown, "\n    ")) << "what does not fit is below";
  EXPECT_TRUE(contains(shown, "backlog 5 -> 50"));
  EXPECT_TRUE(contains(shown, " -> 200000 (asked 100000, doubled)\n"));
}

// A longer queue takes effect on the listener that is there. This one is the test's own.
TEST(Apply, ALongerQueueIsOneAtOnce) {
  const UniqueFd listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(listen(listener.get(), 0), 0);
  const auto facts = [&] { return socket_facts(listener.get()).value(); };
  std::vector<TcpClient> queued;
  queued.emplace_back("127.0.0.1", facts().local.port);
  apply({"-o", "backlog=100", std::to_string(getpid())});
  EXPECT_EQ(facts().queue_limit, 100u);
  for (int i = 0; i < 50; ++i) queued.emplace_back("127.0.0.1", facts().local.port);
  EXPECT_TRUE(eventually(kPatience, [&] { return facts().queue == 51u; }));
}

TEST(Apply, ABacklogIsOnlyRaised) {
  const DemoServer server({"--backlog", "100"});
  const Finished kept = apply({"-o", "backlog=50", server.word()});
  EXPECT_TRUE(contains(kept.output, "  backlog 100 kept: 50 is shorter, and only --enforce"));
  EXPECT_TRUE(contains(kept.output, "Sockets: 0 changed, 0 failed, 1 kept.\n"));
  EXPECT_EQ(server.listener().facts.queue_limit, 100u);
  apply({"--enforce", "-o", "backlog=50", server.word()});
  EXPECT_EQ(server.listener().facts.queue_limit, 50u);

  const TemporaryDirectory directory;
  const std::string file = directory.write("sockopt.ini", "[sockopt]\nbacklog = 10\n");
  EXPECT_EQ(apply({"-c", file, server.word()}).output,
            "Sockets: 0 changed, 0 failed, 1 already set.\n")
      << "in a file it is meant for many, and no news";
}

TEST(Apply, RulesOfTheFileByProgramAndAddress) {
  const DemoServer server({"--family", "both"});
  const TemporaryDirectory directory;
  const std::string file = directory.write("sockopt.ini",
                                           "[sockopt]\nkeepcnt = 7\n"
                                           "[rule mine]\nprogram = demo_server\nkeepidle = 61s\n"
                                           "[rule other]\nprogram = nginx\nkeepidle = 62s\n"
                                           "[rule six]\nlisten = [::1]:" +
                                               std::to_string(server.port(1)) +
                                               "\nkeepintvl = 12s\n"
                                               "[rule peers]\nconnect = *\nkeepintvl = 13s\n");
  apply({"-c", file, "-o", "keepcnt=8", server.word()});
  EXPECT_EQ(server.listener(0).text("keepidle"), "61s");
  EXPECT_EQ(server.listener(1).text("keepidle"), "61s");
  EXPECT_EQ(server.listener(0).text("keepintvl"), "75s");
  EXPECT_EQ(server.listener(1).text("keepintvl"), "12s");
  EXPECT_EQ(server.listener(0).text("keepcnt"), "8") << "-o wins over the file";
}

TEST(Apply, WhatMustPrecedeBindIsSaidAndNotTried) {
  const DemoServer server;
  const Finished applied = apply(
      {"-o", "freebind=on", "-o", "keepidle=61s", "-o", "fastopen_connect=on", server.word()}, 1);
  EXPECT_TRUE(contains(applied.output, "  keepidle 7200s -> 61s"));
  EXPECT_TRUE(contains(
      applied.output, "  freebind off stays: on can only be set before bind; restart the program"));
  EXPECT_TRUE(contains(applied.output, "Sockets: 1 changed (1 only in part), 0 failed. It lasts"));
  EXPECT_TRUE(
      contains(applied.output,
               "\nfastopen_connect is set nowhere: only client sockets take it, before they "
               "connect.\n"));
  EXPECT_EQ(server.listener().text("freebind"), "off");
}

// What is set on no socket is not set already.
TEST(Apply, WhatListenersDoNotTakeIsSaid) {
  const DemoServer server({"--family", "4"});
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"fastopen_connect=on", "only client sockets take it, before they connect"},
      {"sndtimeo=5s", "only client sockets take it, before they connect"},
      {"local_port_range=40000-40010", "only client sockets take it, before they connect"},
      {"autoflowlabel=off", "only IPv6 sockets take it"},
      {"v6only=on", "only IPv6 sockets take it"}};
  for (const auto& [setting, why] : rows) {
    const std::string key = setting.substr(0, setting.find('='));
    const Finished alone = apply({"--no-file", "-o", setting, server.word()});
    EXPECT_TRUE(contains(alone.output, "0 failed, 1 not of a kind that takes it.\n" + key +
                                           " is set nowhere: " + why + ".\n"));
    const Finished beside = apply({"-n", "-o", "keepidle=7200s", "-o", setting, server.word()});
    EXPECT_TRUE(contains(beside.output, "1 already set.\n" + key + " is set nowhere: " + why));
    const auto json = nlohmann::json::parse(apply({"--json", "-o", setting, server.word()}).output);
    EXPECT_EQ(json["set_nowhere"][key], why);
    EXPECT_EQ(json["settled"], 0);
  }
  // A file is for many sockets, and no news.
  const TemporaryDirectory directory;
  const std::string file = directory.write("a.ini", "[sockopt]\nsndtimeo = 5s\nkeepidle = 7200s\n");
  EXPECT_EQ(apply({"-c", file, server.word()}).output,
            "Sockets: 0 changed, 0 failed, 1 already set.\n");
}

// Of connections that are another listener's, and left alone, it is not said that they match.
TEST(Apply, NothingMatchedOnlyWhereNothingDid) {
  const DemoServer server;
  TcpClient client = server.connect();
  DemoServer::options(client);
  EXPECT_TRUE(contains(apply({"-o", "keepidle=63s", "--listen", "1", server.word()}, 1).output,
                       "Nothing matched: there is no such socket; 1 connection left alone"));
  const TemporaryDirectory directory;
  const std::string file = directory.write("a.ini", "[sockopt]\nkeepidle = 60s\n");
  const DemoServer faulty({}, {}, shim_environment({{"SOCKOPT_CONFIG", file}}));
  directory.write("a.ini", "[sockopt]\nkeepidel = 60s\n");
  const Finished left = apply({faulty.word()}, 1);
  EXPECT_EQ(left.output, "");
  EXPECT_TRUE(contains(left.error, "nothing was changed"));
}

TEST(Apply, ARefusalStopsNothingElse) {
  const DemoServer server;
  const Finished applied = apply(
      {"-o", "congestion=no_such", "-o", "keepidle=61s", "-o", "raw.6.999=1", server.word()}, 1);
  EXPECT_TRUE(contains(applied.output, "-> no_such refused: not available in this kernel"));
  EXPECT_TRUE(
      contains(applied.output, "raw.6.999 - -> 1 refused: this kernel does not support it"));
  EXPECT_EQ(server.listener().text("keepidle"), "61s");
  const Finished dry = apply({"-n", "-o", "congestion=no_such", server.word()}, 1);
  EXPECT_TRUE(contains(dry.output, "-> no_such refused: not available in this kernel"));
}

TEST(Apply, MptcpListener) {
  const UniqueFd probe(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 262));
  if (!probe) GTEST_SKIP() << "this kernel has no MPTCP, or net.mptcp.enabled is 0";
  const DemoServer server({"--protocol", "mptcp", "--backlog", "5"});
  const Finished applied =
      apply({"-o", "keepidle=61s", "-o", "backlog=50", "-o", "user_timeout=30s", server.word()}, 1);
  EXPECT_TRUE(contains(applied.output, "  keepidle 7200s -> 61s"));
  EXPECT_TRUE(contains(applied.output, "refused: MPTCP sockets do not support it"));
  EXPECT_EQ(server.listener().facts.queue_limit, 50u);
  TcpClient client = server.connect();
  EXPECT_EQ(DemoServer::options(client)["keepidle"], 61);
}

TEST(Apply, AListenerThatSeveralShareIsChangedOnce) {
  const DemoServer server({"--mode", "fork", "--workers", "3"});
  std::vector<std::string> arguments = {"-o", "keepidle=61s", server.word()};
  std::vector<ProcessEntry> workers;
  ASSERT_TRUE(
      eventually(kPatience, [&] { return (workers = descendants(server.pid())).size() == 3; }));
  for (const ProcessEntry& worker : workers) arguments.push_back(std::to_string(worker.pid));
  const Finished applied = apply(arguments);
  EXPECT_EQ(count(applied.output, "keepidle 7200s -> 61s"), 1);
  EXPECT_TRUE(contains(applied.output, "  demo_server(" + server.word() + "+3)  "));
  EXPECT_TRUE(contains(applied.output, "1 changed, 0 failed."));
  undo(applied.output);
  EXPECT_EQ(server.listener().text("keepidle"), "7200s");
}

TEST(Apply, OnlyTheListenersThatWereNamed) {
  const DemoServer server({"--family", "both"});
  apply(
      {"-o", "keepidle=61s", "--listen", "[::1]:" + std::to_string(server.port(1)), server.word()});
  EXPECT_EQ(server.listener(0).text("keepidle"), "7200s");
  EXPECT_EQ(server.listener(1).text("keepidle"), "61s");
  apply({"-o", "keepidle=62s", "--listen", std::to_string(server.port(0)), server.word()});
  EXPECT_EQ(server.listener(0).text("keepidle"), "62s");
  EXPECT_EQ(server.listener(1).text("keepidle"), "61s");
  // A port that neither listens on: what is typed wrong must not look like success.
  EXPECT_EQ(apply({"-o", "keepidle=63s", "--listen", "192.0.2.1:1", server.word()}, 1).output,
            "Nothing matched: there is no such socket.\n");
}

// Under a shim of its own, which wins over whatever the program sets.
TEST(Apply, WhatAnEnforcingShimPutsBackIsTold) {
  const Environment enforcing = {{"SOCKOPT_KEEPIDLE", "60s"}, {"SOCKOPT_ENFORCE", "1"}};
  const DemoServer server({}, {}, shim_environment(enforcing));
  const std::string told =
      "demo_server has the library, which enforces keepidle = 60s (SOCKOPT_KEEPIDLE) as soon as "
      "the program sets it.\n";
  const Finished applied = apply({"-o", "keepidle=61s", "-o", "keepcnt=4", server.word()});
  EXPECT_TRUE(contains(applied.output, "keepidle 60s -> 61s"));
  EXPECT_TRUE(contains(applied.output, told));
  EXPECT_EQ(count(applied.output, "enforces keepcnt"), 0);
  EXPECT_EQ(count(apply({"-o", "keepidle=60s", server.word()}).output, "enforces"), 0)
      << "the same value";
  apply({"-o", "keepidle=61s", server.word()});
  const std::string settled = apply({"-o", "keepidle=61s", server.word()}).output;
  EXPECT_TRUE(contains(settled, "1 already set")) << settled;
  EXPECT_TRUE(contains(settled, told)) << "nothing was changed, and it does not last either";
  // What it sets after accept is what is enforced, and not its own value.
  EXPECT_FALSE(contains(applied.output, "sets keepidle")) << applied.output;
  EXPECT_TRUE(contains(applied.output, "Whether demo_server sets keepcnt itself"))
      << applied.output;

  const DemoServer yielding({}, {}, shim_environment({{"SOCKOPT_KEEPIDLE", "60s"}}));
  EXPECT_EQ(count(apply({"-o", "keepidle=61s", yielding.word()}).output, "enforces"), 0);
}

TEST(Apply, Json) {
  const DemoServer server({"--backlog", "5"});
  const Finished applied = apply({"--json", "-o", "keepidle=61s", "-o", "backlog=50", "-o",
                                  "freebind=on", server.word(), "no-such-program"},
                                 1);
  const auto json = nlohmann::json::parse(applied.output);
  EXPECT_EQ(json["schema"], "sockopt.apply/1");
  for (const char* key : {"host", "settled", "connections_left_alone", "sets_itself",
                          "enforced_otherwise", "not_undone", "unreadable"}) {
    EXPECT_TRUE(json.contains(key)) << key;
  }
  EXPECT_EQ(json["dry_run"], false);
  EXPECT_EQ(json["changed"], 0) << "counted once";
  EXPECT_EQ(json["failed"], 1);
  const auto& group = json.at("groups").at(0);
  EXPECT_EQ(group["role"], "listener");
  EXPECT_EQ(group["address"], "127.0.0.1:" + std::to_string(server.port()));
  const auto& keepidle = group.at("options").at("keepidle");
  EXPECT_EQ(keepidle["before"], 7200);
  EXPECT_EQ(keepidle["after"], 61);
  EXPECT_EQ(keepidle["unit"], "s");
  EXPECT_EQ(keepidle["outcome"], "changed");
  EXPECT_EQ(keepidle["from"], "-o keepidle");
  EXPECT_EQ(group.at("options").at("freebind")["outcome"], "too late");
  EXPECT_TRUE(group.at("options").at("freebind")["after"].is_null());
  EXPECT_EQ(group.at("sockets").at(0).at("owners").at(0)["pid"], server.pid());
  const auto& words = json.at("undo").at(0);
  EXPECT_EQ(words.at(0), "sockopt");
  EXPECT_EQ(words.back(), server.word());
}

TEST(Apply, WhatIsWrongWithTheCommandLine) {
  EXPECT_TRUE(contains(apply({"-o", "keepidle=61s"}, 2).error, "to which process?"));
  EXPECT_TRUE(contains(apply({"--no-file", "1"}, 2).error, "no settings"));
  EXPECT_TRUE(contains(apply({"--listen", "host:80", "-o", "keepidle=1s", "1"}, 2).error,
                       "--listen host:80: "));
  EXPECT_TRUE(
      contains(apply({"--socket", "12-x", "-o", "keepidle=1s", "1"}, 2).error, "--socket 12-x: "));
}

TEST(Apply, ConfigurationThatIsNotThere) {
  const DemoServer server;
  const Finished applied = apply({"-c", "/no/such.ini", "-o", "nodelay=on", server.word()}, 2);
  EXPECT_TRUE(contains(applied.error, "-c /no/such.ini: there is no such file\n"));
  EXPECT_EQ(server.listener().text("nodelay"), "off");
}

TEST(Apply, NothingIsChangedUnderAFault) {
  const DemoServer server;
  const TemporaryDirectory directory;
  const std::string file = directory.write("a.ini", "[sockopt]\nkeepidel = 61s\nnodelay = on\n");
  const Finished applied = apply({"-c", file, server.word()}, 1);
  EXPECT_TRUE(contains(applied.error, "did you mean `keepidle`?"));
  EXPECT_TRUE(contains(applied.error, "nothing was changed"));
  EXPECT_EQ(server.listener().text("nodelay"), "off");
}

// What a program reads with its own getsockopt of what it has accepted.
TEST(Apply, APythonServerSeesItItself) {
  Process server({.argv = {"/usr/bin/python3", "-c",
                           "import socket\n"
                           "l = socket.create_server(('127.0.0.1', 0))\n"
                           "print(l.getsockname()[1], flush=True)\n"
                           "while True:\n"
                           "  c, _ = l.accept()\n"
                           "  text = '%d %d\\n' % (c.getsockopt(1, 9), c.getsockopt(6, 4))\n"
                           "  c.sendall(text.encode()); c.close()\n"}});
  ASSERT_TRUE(eventually(kPatience, [&] { return server.output().ends_with('\n'); }));
  const auto port = static_cast<std::uint16_t>(std::stoi(server.output()));
  EXPECT_EQ(TcpClient("127.0.0.1", port).receive_until("\n"), "0 7200\n");
  apply({"-o", "keepalive=on", "-o", "keepidle=61s", std::to_string(server.pid())});
  EXPECT_EQ(TcpClient("127.0.0.1", port).receive_until("\n"), "1 61\n");
}

TEST(Apply, SaysWhereNoConnectionCouldTell) {
  const DemoServer server({"--family", "both"});
  const std::vector<std::string> arguments = {"-n", "-o",          "keepidle=61s",
                                              "-o", "backlog=500", server.word()};
  const std::string both =
      "127.0.0.1:" + std::to_string(server.port(0)) + ", [::1]:" + std::to_string(server.port(1));
  const auto note = [](const std::string& listeners) {
    return "Whether demo_server sets keepidle itself after accept is unknown: no connection to " +
           listeners + " was examined.\n";
  };
  EXPECT_TRUE(contains(apply(arguments).output, note(both)));
  std::vector<std::string> as_json = arguments;
  as_json.emplace_back("--json");
  const auto json = nlohmann::json::parse(apply(as_json).output);
  EXPECT_EQ(json["not_looked_at"][0]["program"], "demo_server");
  EXPECT_EQ(json["not_looked_at"][0]["options"], nlohmann::json::array({"keepidle"}));
  EXPECT_EQ(json["not_looked_at"][0]["listeners"].size(), 2U);
  TcpClient client = server.connect();
  DemoServer::options(client);
  // Of the other one it is still unknown.
  EXPECT_TRUE(contains(apply(arguments).output, note(both.substr(both.find('[')))));
  TcpClient other = server.connect(1);
  DemoServer::options(other);
  EXPECT_EQ(count(apply(arguments).output, "is unknown"), 0);
}

// A master that hands what it has accepted to a child, which nobody has named.
TEST(Apply, SaysWhoElseHoldsTheConnections) {
  Process master({.argv = {"/usr/bin/python3", "-c",
                           "import os, socket, time\n"
                           "l = socket.create_server(('127.0.0.1', 0))\n"
                           "print(l.getsockname()[1], flush=True)\n"
                           "c, _ = l.accept()\n"
                           "child = os.fork()\n"
                           "if child: c.close(); print(child, flush=True)\n"
                           "time.sleep(600)\n"}});
  ASSERT_TRUE(eventually(kPatience, [&] { return master.output().ends_with('\n'); }));
  const TcpClient client("127.0.0.1", static_cast<std::uint16_t>(std::stoi(master.output())));
  ASSERT_TRUE(eventually(kPatience, [&] { return count(master.output(), "\n") == 2; }));
  const std::string output = master.output();
  const std::string first = output.substr(output.find('\n') + 1);
  const std::string child = first.substr(0, first.find('\n'));
  const std::string word = std::to_string(master.pid());
  const std::string told = "Connections to these listeners are also held by python3(" + child +
                           "), which you did not name: give the PIDs, or `python3`, for those.\n";
  for (const char* scope : {"--dry-run", "--established"}) {
    const std::string alone = apply({"-o", "nodelay=on", scope, word}).output;
    EXPECT_TRUE(contains(alone, told)) << alone;
  }
  const std::string both = apply({"-o", "nodelay=on", "--established", word, child}).output;
  EXPECT_FALSE(contains(both, "did not name")) << both;
  EXPECT_TRUE(contains(both, "ESTAB 127.0.0.1:")) << both;
}

TEST(Apply, WithItsOutputClosedChangesNothing) {
  const DemoServer server;
  Command started = command({"apply", "-o", "nodelay=on", server.word()});
  started.descriptors[1] = Command::kClosed;
  const Finished applied = run(started);
  EXPECT_EQ(status(applied), 1);
  EXPECT_TRUE(contains(applied.error, "nothing was changed"));
  EXPECT_EQ(server.listener().text("nodelay"), "off");
}

TEST(Apply, SaysTheUndoWhereItsOutputIsFull) {
  for (const std::string form : {"", "--json"}) {
    const DemoServer server;
    const UniqueFd full(open("/dev/full", O_WRONLY | O_CLOEXEC));
    Command started = command({"apply", "-o", "nodelay=on", server.word()});
    if (!form.empty()) started.argv.push_back(form);
    started.descriptors[1] = full.get();
    const Finished applied = run(started);
    EXPECT_EQ(status(applied), 1);
    EXPECT_EQ(server.listener().text("nodelay"), "on");
    ASSERT_EQ(undo_lines(applied.error).size(), 1u) << applied.error;
    undo(applied.error);
    EXPECT_EQ(server.listener().text("nodelay"), "off");
  }
}

TEST(Apply, AFaultyOptionIsAWrongCommandLine) {
  const DemoServer server;
  const Finished applied =
      apply({"-o", "keepidel=61s", "-o", "nodelay=on", "-o", "keepcnt=x", server.word()}, 2);
  EXPECT_TRUE(contains(applied.error, "did you mean `keepidle`?"));
  EXPECT_TRUE(contains(applied.error, "-o keepcnt=x: "));
  EXPECT_EQ(server.listener().text("nodelay"), "off");
}

TEST(Apply, AProcessThatIsNotThere) {
  const DemoServer server;
  const Finished applied = apply({"-o", "nodelay=on", server.word(), "no-such-program"}, 1);
  EXPECT_TRUE(contains(applied.error, "sockopt: no-such-program: no such process"));
  EXPECT_EQ(server.listener().text("nodelay"), "on") << "the others are seen to";
}

}  // namespace
}  // namespace sockopt::test
