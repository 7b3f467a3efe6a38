// SPDX-License-Identifier: MIT
//
// Daemons that install a seccomp filter once they listen. chronyd's filter, at the level that
// Debian starts it with, kills for a setsockopt that chronyd itself does not make; tor's refuses
// it.
#include <fstream>

#include "tests/support/requirements.h"
#include "tests/support/servers/daemon_test.h"

namespace sockopt::test {
namespace {

bool is_filtered(const Server& server) {
  std::ifstream status("/proc/" + std::to_string(server.pid()) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line == "Seccomp:\t2") return true;
  }
  return false;
}

class ChronyTest : public DaemonTest {
 protected:
  // Its only TCP socket is that of the key exchange for Network Time Security.
  Server& start_chronyd() {
    const std::string key = directory() / "key.pem";
    const std::string certificate = directory() / "certificate.pem";
    const Finished made = run({.argv = {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                                        "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key,
                                        "-out", certificate, "-subj", "/CN=localhost"}});
    EXPECT_TRUE(made.success()) << made.error;
    return start([&](std::uint16_t port) {
      const std::string file = directory().write(
          "chrony.conf",
          "port 0\ncmdport 0\nbindcmdaddress /\nbindaddress 127.0.0.1\n"
          "bindaddress ::1\nallow\nntsprocesses 0\nntsport " +
              std::to_string(port) + "\nntsserverkey " + key + "\nntsservercert " + certificate +
              "\npidfile " + (directory() / "pid").string() + "\n");
      // -x: it leaves the clock alone.
      return Command{.argv = {"chronyd", "-d", "-x", "-F", "1", "-u", "root", "-f", file},
                     .environment = environment()};
    });
  }
};

TEST_P(ChronyTest, Serves) {
  SOCKOPT_NEEDS("chronyd");
  SOCKOPT_NEEDS("openssl");
  SOCKOPT_NEEDS_ROOT("to start chronyd");
  const Server& server = start_chronyd();
  ASSERT_TRUE(eventually(kPatience, [&] { return is_filtered(server); }));
  for (int i = 0; i < 3; ++i) {
    TcpClient client("127.0.0.1", server.port);
    expect_options(server.accepted(client));
    client.send("this is no handshake");
  }
  expect_listener(server.listener(), 100);
  EXPECT_TRUE(server.process->running());
}

SOCKOPT_DAEMON_TEST(ChronyTest);

class TorTest : public DaemonTest {
 protected:
  // Without a network: it has its control port, and looks for nobody.
  Server& start_tor() {
    return start([&](std::uint16_t port) {
      const std::filesystem::path data = directory() / ("data-" + std::to_string(port));
      std::filesystem::create_directory(data);
      std::filesystem::permissions(data, std::filesystem::perms::owner_all);
      const std::string file = directory().write(
          "torrc", "DataDirectory " + data.string() +
                       "\nControlPort 127.0.0.1:" + std::to_string(port) +
                       "\nDisableNetwork 1\nSocksPort 0\nSandbox 1\nLog notice stdout\n");
      return Command{.argv = {"tor", "--defaults-torrc", "/dev/null", "-f", file},
                     .environment = environment(),
                     .stop_signal = SIGKILL};  // it takes its time to say goodbye
    });
  }
};

TEST_P(TorTest, Serves) {
  SOCKOPT_NEEDS("tor");
  const Server& server = start_tor();
  ASSERT_TRUE(eventually(kPatience, [&] { return is_filtered(server); }));
  int somaxconn = 0;
  std::ifstream("/proc/sys/net/core/somaxconn") >> somaxconn;
  for (int i = 0; i < 3; ++i) {
    TcpClient client("127.0.0.1", server.port);
    client.send("PROTOCOLINFO\r\n");
    EXPECT_TRUE(client.receive_until("250 OK\r\n").starts_with("250-PROTOCOLINFO 1"));
    expect_options(server.accepted(client));
  }
  expect_listener(server.listener(), somaxconn);  // as long as there can be
}

SOCKOPT_DAEMON_TEST(TorTest);

}  // namespace
}  // namespace sockopt::test
