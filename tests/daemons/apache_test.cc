// SPDX-License-Identifier: MIT
//
// Apache with the event MPM: a parent that makes the listener through libapr, children whose
// threads accept from it, and connections of its own to what it is a proxy for.
#include <signal.h>

#include "tests/support/requirements.h"
#include "tests/support/servers/daemon_test.h"
#include "tests/support/servers/http.h"

namespace sockopt::test {
namespace {

constexpr int kApacheBacklog = 511;  // Apache's own
// It sets these on its listeners, and TCP_NODELAY on each connection again.
const Options kApacheOwn = {{"keepalive", "on"}, {"nodelay", "on"}};

class ApacheTest : public DaemonTest {
 protected:
  Server& start_apache() {
    directory().write("html/index.html", "hello\n");
    return start([&](std::uint16_t port) {
      const std::string listen = "127.0.0.1:" + std::to_string(port);
      directory().write("apache.conf", R"(
          ServerRoot )" + directory().path().string() +
                                           R"(
          LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
          LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
          LoadModule dir_module /usr/lib/apache2/modules/mod_dir.so
          LoadModule proxy_module /usr/lib/apache2/modules/mod_proxy.so
          LoadModule proxy_http_module /usr/lib/apache2/modules/mod_proxy_http.so
          DefaultRuntimeDir .
          PidFile apache.pid
          ErrorLog /dev/stderr
          ServerName test
          User www-data
          Group www-data
          StartServers 1
          KeepAliveTimeout 60
          Listen )" + listen + R"(
          DocumentRoot html
          DirectoryIndex index.html
          ProxyPass /proxy/ http://)" + listen +
                                           "/\n");
      return Command{.argv = {"apache2", "-D", "FOREGROUND", "-f", directory() / "apache.conf"},
                     .environment = environment(),
                     .directory = directory().path()};
    });
  }
};

TEST_P(ApacheTest, Serves) {
  SOCKOPT_NEEDS("apache2");
  const Server& server = start_apache();
  TcpClient client("127.0.0.1", server.port);
  const HttpReply reply = http_get(client, "/");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "hello\n");
  expect_listener(server.listener(), kApacheBacklog, kApacheOwn);
  expect_options(server.accepted(client), kApacheOwn);
}

// Other children accept from the listener, and the old ones leave when they have served.
TEST_P(ApacheTest, GracefulRestart) {
  SOCKOPT_NEEDS("apache2");
  Server& server = start_apache();
  TcpClient first("127.0.0.1", server.port);
  EXPECT_EQ(http_get(first, "/").status, 200);
  const pid_t old_child = server.accepted(first).pid;
  server.process->send_signal(SIGUSR1);
  std::optional<OwnedSocket> accepted;
  ASSERT_TRUE(eventually(kPatience, [&] {
    TcpClient client("127.0.0.1", server.port);
    EXPECT_EQ(http_get(client, "/").status, 200);
    accepted = find_socket(server.pid(), accepted_from(client));
    return accepted && accepted->pid != old_child;
  }));
  expect_listener(server.listener(), kApacheBacklog, kApacheOwn);
  expect_options(*accepted, kApacheOwn);
}

TEST_P(ApacheTest, ConnectionToAnUpstream) {
  SOCKOPT_NEEDS("apache2");
  const Server& server = start_apache();
  TcpClient client("127.0.0.1", server.port);
  const HttpReply reply = http_get(client, "/proxy/");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "hello\n");
  expect_options(await_socket(server.pid(), connected_to(server.port)), {{"nodelay", "on"}});
}

SOCKOPT_DAEMON_TEST(ApacheTest);

}  // namespace
}  // namespace sockopt::test
