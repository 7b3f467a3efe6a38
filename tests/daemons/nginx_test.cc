// SPDX-License-Identifier: MIT
//
// nginx: a master that makes the listener, workers that inherit it by fork and accept from it, a
// reload that replaces the workers, and connections of its own to what it is a proxy for. It clears
// its environment while it starts.
#include "tests/support/servers/nginx.h"

#include <signal.h>

#include <set>

#include "tests/support/requirements.h"
#include "tests/support/servers/daemon_test.h"
#include "tests/support/servers/http.h"

namespace sockopt::test {
namespace {

constexpr int kNginxBacklog = 511;  // nginx's own

class NginxTest : public DaemonTest {
 protected:
  Server& start_nginx() {
    return start([&](std::uint16_t port) {
      return Command{
          .argv = set_up(port, {}), .environment = environment(), .stop_signal = SIGQUIT};
    });
  }

  std::vector<std::string> set_up(std::uint16_t port, const std::string& more_listeners) const {
    const std::string listen = "127.0.0.1:" + std::to_string(port);
    return set_up_nginx(directory(), {.listen = listen,
                                      .workers = 2,
                                      .http = "tcp_nodelay off; upstream origin { server " +
                                              listen + "; keepalive 4; }",
                                      .server = more_listeners + R"(
           location /proxy/ {
             proxy_pass http://origin/;
             proxy_http_version 1.1;
             proxy_set_header Connection "";
           }
         )"});
  }

  static std::set<pid_t> workers(const Server& server) {
    std::set<pid_t> pids;
    for (const ProcessEntry& process : descendants(server.pid())) pids.insert(process.pid);
    return pids;
  }
};

TEST_P(NginxTest, MasterAndWorkersShareThePreparedListener) {
  SOCKOPT_NEEDS("nginx");
  const Server& server = start_nginx();
  ASSERT_TRUE(eventually(kPatience, [&] { return workers(server).size() == 2; }));
  TcpClient client("127.0.0.1", server.port);
  const HttpReply reply = http_get(client, "/");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "hello\n");

  std::set<pid_t> holders;
  for (const OwnedSocket& owned : sockets_of_tree(server.pid())) {
    if (!listening_on(server.port)(owned)) continue;
    holders.insert(owned.pid);
    expect_listener(owned, kNginxBacklog);
  }
  EXPECT_EQ(holders.size(), 3u) << "a master and two workers";

  const OwnedSocket accepted = server.accepted(client);
  EXPECT_TRUE(workers(server).contains(accepted.pid));
  expect_options(accepted);
}

TEST_P(NginxTest, ConnectionToAnUpstream) {
  SOCKOPT_NEEDS("nginx");
  const Server& server = start_nginx();
  TcpClient client("127.0.0.1", server.port);
  const HttpReply reply = http_get(client, "/proxy/");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "hello\n");
  expect_options(await_socket(server.pid(), connected_to(server.port)));
}

TEST_P(NginxTest, Reload) {
  SOCKOPT_NEEDS("nginx");
  Server& server = start_nginx();
  ASSERT_TRUE(eventually(kPatience, [&] { return workers(server).size() == 2; }));
  const std::set<pid_t> before = workers(server);

  // A second listener, which only the reloaded master makes: long after it cleared its environment.
  set_up(server.port, "listen [::1]:" + std::to_string(server.port) + " backlog=77;");
  server.process->send_signal(SIGHUP);
  ASSERT_TRUE(eventually(kPatience, [&] {
    const std::set<pid_t> now = workers(server);
    return now.size() == 2 && now != before && !now.contains(*before.begin()) &&
           !now.contains(*before.rbegin());
  })) << server.process->error();

  TcpClient old_listener("127.0.0.1", server.port);
  EXPECT_EQ(http_get(old_listener, "/").status, 200);
  expect_options(server.accepted(old_listener));

  TcpClient new_listener("::1", server.port);
  EXPECT_EQ(http_get(new_listener, "/").status, 200);
  expect_options(server.accepted(new_listener));

  for (const OwnedSocket& owned : sockets_of_tree(server.pid())) {
    if (!listening_on(server.port)(owned)) continue;
    expect_listener(owned, owned.socket.facts.domain == AF_INET6 ? 77 : kNginxBacklog);
  }
}

SOCKOPT_DAEMON_TEST(NginxTest);

}  // namespace
}  // namespace sockopt::test
