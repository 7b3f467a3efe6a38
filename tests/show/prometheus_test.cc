// SPDX-License-Identifier: MIT
//
// The metrics: by Prometheus' own result, and against sockets that the test knows.
#include <sys/stat.h>
#include <unistd.h>

#include <optional>

#include "tests/support/requirements.h"
#include "tests/support/shown_sockets.h"

namespace sockopt::test {
namespace {

constexpr const char* kPolicy = "[sockopt]\nkeepalive = on\nbacklog = 8\n";

std::string labels() {
  struct stat space = {};
  stat("/proc/self/ns/net", &space);
  return "program=\"show_tests\",netns=\"" + std::to_string(space.st_ino) + "\"";
}

TEST(ShowPrometheus, IsWhatPrometheusTakes) {
  SOCKOPT_NEEDS("promtool");
  const Listener listener;
  const Connections connections(listener, 3);
  const TemporaryDirectory directory;
  for (const char* policy : {"", kPolicy}) {
    const std::string file =
        directory.write("metrics", show({own_word(), "--prometheus"}, policy).output);
    const Finished checked =
        run({.argv = {"sh", "-c", "/usr/bin/promtool check metrics < " + file}});
    EXPECT_TRUE(checked.success()) << checked.error << read_file(file);
    EXPECT_EQ(checked.error + checked.output, "");
  }
}

TEST(ShowPrometheus, Listener) {
  const Listener listener(8);
  const TcpClient first = listener.connect();
  const TcpClient second = listener.connect();
  const std::string output = show({own_word(), "--prometheus"}, kPolicy).output;
  const std::string of = labels() + ",listen=\"" + listener.text() + "\"} ";
  EXPECT_TRUE(contains(output, of + "2\n"));
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, std::string>>{{"sockopt_listener_queue_length", "2"},
                                                        {"sockopt_listener_queue_limit", "8"},
                                                        {"sockopt_listener_drops_total", "0"}}) {
    const std::string line = line_with(output, name + "{");
    EXPECT_TRUE(line.ends_with(of + value)) << line;
  }
}

TEST(ShowPrometheus, SocketsAndWhatDeparts) {
  const Listener listener(8);
  const Connections connections(listener, 3);
  const std::string output = show({own_word(), "--prometheus"}, kPolicy).output;
  EXPECT_TRUE(contains(output, labels() + ",role=\"accepted\"} 3\n"));
  EXPECT_TRUE(contains(output, labels() + ",role=\"client\"} 3\n"));
  EXPECT_TRUE(contains(output, labels() + ",role=\"listener\"} 1\n"));
  EXPECT_TRUE(contains(output, labels() + ",role=\"accepted\",option=\"keepalive\"} 3\n"));
  EXPECT_TRUE(contains(output, labels() + ",role=\"listener\",option=\"backlog\"} 0\n"))
      << "what is well is a zero, not a gap";
  EXPECT_TRUE(contains(output, "sockopt_processes{reach=\"not_loaded\"} 1\n"));
  for (const std::string none : {"loaded", "idle", "unreadable"}) {
    EXPECT_TRUE(contains(output, "sockopt_processes{reach=\"" + none + "\"} 0\n"));
  }
}

TEST(ShowPrometheus, ListenersOfOnePortAreAddedUp) {
  const std::string python =
      "ls = []\n"
      "for i in range(3):\n"
      "  s = socket.socket(); s.setsockopt(1, 15, 1)\n"
      "  s.bind(('127.0.0.1', ls[0].getsockname()[1] if ls else 0)); s.listen(5); ls.append(s)";
  const Holder holder(python);
  const std::string output = show({holder.word(), "--prometheus"}).output;
  EXPECT_EQ(count(output, "sockopt_listener_queue_limit{"), 1) << output;
  EXPECT_TRUE(line_with(output, "sockopt_listener_queue_limit{").ends_with(" 15"));
  EXPECT_TRUE(contains(show({holder.word()}).output, "LISTEN ×3"));
}

// Prometheus takes what falls for a reset, and counts all of it again.
TEST(ShowPrometheus, CountersDoNotFallWhereAListenerGoes) {
  const TemporaryDirectory directory;
  const std::string file = directory / "metrics";
  const auto python = [](const std::string& port) {
    return "s = socket.socket(); s.setsockopt(1, 15, 1)\n"
           "s.bind(('127.0.0.1', " +
           port +
           ")); s.listen(0)\n"
           "cs = [socket.socket() for i in range(4)]\n"
           "for c in cs: c.setblocking(False); c.connect_ex(s.getsockname())\n";
  };
  std::optional<Holder> first(python("0"));
  std::vector<std::string> words = {
      "show", "-c", directory.write("empty.ini", ""), "--prometheus", "-O", file, first->word()};
  const auto total = [&](const std::string& name) {
    EXPECT_LE(status(sockopt(words)), 3);
    const std::string line = line_with(read_file(file), name + "{");
    return line.empty() ? -1 : std::stol(line.substr(line.rfind(' ')));
  };
  const std::string counted = "sockopt_listener_drops_and_deferrals_total";
  long before = 0;
  EXPECT_TRUE(eventually(kPatience, [&] { return (before = total(counted)) > 1; }));
  const std::string line = line_with(read_file(file), counted + "{");
  const std::size_t port = line.find("127.0.0.1:") + 10;
  const Holder second(
      "s = socket.socket(); s.setsockopt(1, 15, 1)\n"
      "s.bind(('127.0.0.1', " +
      line.substr(port, line.find('"', port) - port) + ")); s.listen(5)\n");
  words.push_back(second.word());
  EXPECT_GE(total(counted), before);
  first.reset();
  words.erase(words.end() - 2);
  EXPECT_GE(total(counted), before) << read_file(file);
  EXPECT_EQ(total(counted), total(counted)) << "and are not added again";
  EXPECT_GE(total("sockopt_listener_drops_total"), 0);
  // What is no file of ours tells nothing of listeners.
  directory.write("metrics", line + "\n");
  EXPECT_EQ(total(counted), 0);
}

TEST(ShowPrometheus, NoPidAndNoPeer) {
  const Listener listener;
  const Connections connections(listener, 2);
  const std::string output = show({own_word(), "--prometheus"}, kPolicy).output;
  EXPECT_EQ(count(output, "pid"), 0) << output;
  for (const TcpClient& client : connections.clients) {
    EXPECT_EQ(count(output, ":" + std::to_string(client.local_port()) + "\""), 0) << output;
  }
}

TEST(ShowPrometheus, PolicyAndTime) {
  const Listener listener;
  const std::string output = show({own_word(), "--prometheus"}, kPolicy).output;
  EXPECT_TRUE(line_with(output, "sockopt_policy_info{path=\"/").ends_with("\"} 1"));
  const std::string name = "\nsockopt_last_run_timestamp_seconds ";
  ASSERT_TRUE(contains(output, name));
  const double time = std::stod(output.substr(output.find(name) + name.size()));
  EXPECT_NEAR(time, static_cast<double>(::time(nullptr)), 60);
}

}  // namespace
}  // namespace sockopt::test
