// SPDX-License-Identifier: MIT
//
// Very many connections: nothing is lost with any of them, neither a descriptor nor memory nor the
// options. As part of the suite these tests make a few thousand; for a million each:
//
//   SOAK_CONNECTIONS=1000000 .build/release/soak_tests
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <numeric>
#include <set>
#include <stdexcept>
#include <system_error>

#include "tests/soak/footprint.h"
#include "tests/soak/load.h"
#include "tests/support/listener.h"
#include "tests/support/paths.h"
#include "tests/support/requirements.h"
#include "tests/support/servers/daemon_test.h"
#include "tests/support/servers/nginx.h"
#include "tools/inspect/process_tree.h"
#include "tools/inspect/unique_fd.h"

namespace sockopt::test {
namespace {

constexpr std::uint64_t kFew = 10'000;
// Allocators keep some of what was freed, in amounts that depend on how the threads came to run.
constexpr std::int64_t kMostGrowth = 3 * 1024;  // kB; of a million connections, three bytes each
constexpr int kDisturbances = 20;

std::uint64_t connections() {
  const char* text = std::getenv("SOAK_CONNECTIONS");
  if (text == nullptr) return kFew;
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(text, text + std::strlen(text), count);
  if (error != std::errc() || *end != '\0' || count < 100) {
    throw std::invalid_argument("SOAK_CONNECTIONS is not a number from 100 on");
  }
  return count;
}

std::string listed(const std::map<std::string, std::uint64_t>& failures) {
  std::string text;
  for (const auto& [reason, count] : failures) text += std::to_string(count) + " " + reason + "; ";
  return text;
}

class SoakTest : public DaemonTest {
 protected:
  static constexpr int kNginxWorkers = 2;

  Server& start_nginx() {
    return start([&](std::uint16_t port) {
      return Command{
          .argv = set_up_nginx(directory(), {.listen = "127.0.0.1:" + std::to_string(port),
                                             .workers = kNginxWorkers}),
          .environment = environment(),
          .stop_signal = SIGQUIT};
    });
  }

  static Exchange from_nginx() { return {"GET / HTTP/1.0\r\n\r\n", "hello\n", ""}; }
  static Exchange from_demo_server() { return {"hello\n", "hello\n", "quit\n"}; }

  // Every accepted socket that the server holds at this moment, one of a client that waits for it
  // to be there among them.
  void look_at_sockets(const Server& server) {
    TcpClient client("127.0.0.1", server.port);
    const SocketPredicate is_clients = accepted_from(client);
    bool found = false;
    const bool settled = eventually(kPatience, [&] {
      for (const OwnedSocket& owned : sockets_of_tree(server.pid())) {
        if (owned.socket.facts.listening || owned.socket.facts.local.port != server.port) continue;
        found = found || is_clients(owned);
        expect_options(owned);
        ++sampled_;
      }
      return found || is_over(client);
    });
    EXPECT_TRUE(settled) << "a connection was not accepted";
    if (settled && !found) ++lost_;
  }

  // The client has said nothing and is told nothing, unless the server dies.
  static bool is_over(const TcpClient& client) {
    pollfd entry{client.fd(), POLLIN, 0};
    return poll(&entry, 1, 0) != 0;
  }

  bool is_at_rest(const Server& server) {
    const std::vector<OwnedSocket> sockets = sockets_of_tree(server.pid());
    return std::all_of(sockets.begin(), sockets.end(),
                       [](const OwnedSocket& owned) { return owned.socket.facts.listening; });
  }

  // Looks at the sockets while the load goes on; `meanwhile` is given how much of it was, 0 to 1.
  // Returns how many connections failed.
  template <typename Meanwhile>
  std::uint64_t bear(const std::function<const Server&()>& server, std::uint16_t port,
                     std::uint64_t count, const Exchange& exchange, const Meanwhile& meanwhile) {
    Load load(port, count, exchange);
    while (!load.done() && !HasFailure()) {
      // As often as may be, and so that the load is not kept from the processor.
      eventually(Milliseconds{20}, [&] { return load.done(); });
      look_at_sockets(server());
      meanwhile(static_cast<double>(load.begun()) / static_cast<double>(count));
    }
    const auto failures = load.failures();
    if (!failures.empty()) std::cout << "failed: " << listed(failures) << '\n';
    return std::accumulate(
        failures.begin(), failures.end(), std::uint64_t{0},
        [](std::uint64_t sum, const auto& failure) { return sum + failure.second; });
  }

  Footprint at_rest(const Server& server, int processes) {
    Footprint found;
    EXPECT_TRUE(eventually(kPatience,
                           [&] {
                             if (!is_at_rest(server)) return false;
                             found = footprint(server.pid());
                             return found.processes == processes;
                           }))
        << "connections are left, or workers: " << found;
    return found;
  }

  // Every worker is a new one afterwards.
  void reload(const Server& server) {
    const std::set<pid_t> before = workers(server);
    server.process->send_signal(SIGHUP);
    EXPECT_TRUE(eventually(kPatience, [&] {
      const std::set<pid_t> now = workers(server);
      return now.size() == kNginxWorkers &&
             std::none_of(now.begin(), now.end(), [&](pid_t pid) { return before.contains(pid); });
    }));
  }

  static std::set<pid_t> workers(const Server& server) {
    std::set<pid_t> pids;
    for (const ProcessEntry& process : descendants(server.pid())) pids.insert(process.pid);
    return pids;
  }

  // The threads that served the last connections may still be about to end.
  Footprint with_threads(const Server& server, int threads) {
    Footprint found;
    EXPECT_TRUE(eventually(kPatience, [&] {
      found = footprint(server.pid());
      return found.threads == threads;
    }));
    return found;
  }

  // Reloaded workers of nginx have a channel to each old one that had not ended yet.
  static constexpr int kChannels = 2 * kNginxWorkers;

  void expect_flat(const Footprint& before, const Footprint& after, int more_descriptors = 0) {
    std::cout << "after a tenth: " << before << "\nafter all:     " << after
              << "\nsockets seen:  " << sampled_ << "\n";
    EXPECT_EQ(after.processes, before.processes);
    EXPECT_EQ(after.threads, before.threads);
    EXPECT_GE(after.descriptors, before.descriptors - more_descriptors);
    EXPECT_LE(after.descriptors, before.descriptors + more_descriptors);
    EXPECT_LE(after.mappings, before.mappings + 20);
    EXPECT_LE(after.resident, before.resident + kMostGrowth);
    EXPECT_GT(sampled_, 0);
  }

  int sampled_ = 0;
  int lost_ = 0;  // of the clients that were to be looked at
};

const auto nothing = [](double) {};

TEST_P(SoakTest, Nginx) {
  SOCKOPT_NEEDS("nginx");
  const Server& server = start_nginx();
  const auto same = [&]() -> const Server& { return server; };
  const std::uint64_t count = connections();
  EXPECT_EQ(bear(same, server.port, count / 10, from_nginx(), nothing), 0u);
  const Footprint before = at_rest(server, 1 + kNginxWorkers);
  EXPECT_EQ(bear(same, server.port, count - count / 10, from_nginx(), nothing), 0u);
  EXPECT_EQ(lost_, 0);
  expect_flat(before, at_rest(server, 1 + kNginxWorkers));
}

TEST_P(SoakTest, NginxThatReloadsAndLosesWorkers) {
  SOCKOPT_NEEDS("nginx");
  const Server& server = start_nginx();
  const auto same = [&]() -> const Server& { return server; };
  const std::uint64_t count = connections();
  bear(same, server.port, count / 10, from_nginx(), nothing);
  reload(server);
  const Footprint before = at_rest(server, 1 + kNginxWorkers);
  int killed = 0;
  int reloaded = 0;
  const std::uint64_t failed =
      bear(same, server.port, count - count / 10, from_nginx(), [&](double part) {
        if (part * kDisturbances < killed + reloaded + 1 || part == 1) return;
        const std::vector<ProcessEntry> workers = descendants(server.pid());
        if (reloaded <= killed) {
          server.process->send_signal(SIGHUP);
          ++reloaded;
        } else if (!workers.empty()) {
          kill(workers.back().pid, SIGKILL);
          ++killed;
        }
      });
  std::cout << reloaded << " reloads, " << killed << " workers killed\n";
  EXPECT_GT(killed, 0);
  EXPECT_GT(reloaded, 0);
  // Those that the worker had; the others wait in the queue, which is the master's as well.
  EXPECT_LE(failed, static_cast<std::uint64_t>(killed) * Load::kThreads);
  EXPECT_LE(lost_, killed);
  reload(server);  // for workers of the same age
  expect_flat(before, at_rest(server, 1 + kNginxWorkers), 2 * kChannels);
}

TEST_P(SoakTest, Threads) {
  const Server& server = start(
      Command{.argv = {build_directory() / "demo_server", "--mode", "threads", "--workers", "2"},
              .environment = environment()});
  const auto same = [&]() -> const Server& { return server; };
  const std::uint64_t count = connections();
  constexpr int kServerThreads = 1 + 2;
  EXPECT_EQ(bear(same, server.port, count / 10, from_demo_server(), nothing), 0u);
  at_rest(server, 1);
  const Footprint before = with_threads(server, kServerThreads);
  EXPECT_EQ(bear(same, server.port, count - count / 10, from_demo_server(), nothing), 0u);
  EXPECT_EQ(lost_, 0);
  at_rest(server, 1);
  expect_flat(before, with_threads(server, kServerThreads));
}

// A socket activated server that dies again and again: its listener stays, and so does what waits
// in its queue.
TEST_P(SoakTest, ThreadsThatDieOnAListenerThatStays) {
  const Listener listener(100);
  const Command command{
      .argv = {build_directory() / "demo_server", "--mode", "threads", "--inherit-fd", "3"},
      .environment = environment(),
      .descriptors = {{3, listener.fd()}}};
  Server* server = &start(command);
  const std::uint64_t count = connections();
  int killed = 0;
  const std::uint64_t failed =
      bear([&]() -> const Server& { return *server; }, listener.port(), count, from_demo_server(),
           [&](double part) {
             if (part * kDisturbances < killed + 1 || part == 1) return;
             server->process->send_signal(SIGKILL);
             server->process->wait();
             server = &start(command);
             ++killed;
           });
  std::cout << killed << " servers killed, " << sampled_ << " sockets seen\n";
  EXPECT_GT(killed, 0);
  EXPECT_GT(sampled_, 0);
  EXPECT_LE(failed, static_cast<std::uint64_t>(killed) * Load::kThreads);
  EXPECT_LE(lost_, killed);
  at_rest(*server, 1);
}

INSTANTIATE_TEST_SUITE_P(Soak, SoakTest, ::testing::Values(Shim::kFile), shim_name);

}  // namespace
}  // namespace sockopt::test
