// SPDX-License-Identifier: MIT
//
// nginx as a daemon that is upgraded on the fly: the old master executes the new binary, which gets
// the listener but, nginx having cleared its environment, not the library. What the kernel holds
// for the listener stays, and so the new one's connections have their options all the same.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <set>

#include "tests/support/requirements.h"
#include "tests/support/servers/daemon_test.h"
#include "tests/support/servers/http.h"
#include "tests/support/servers/nginx.h"

namespace sockopt::test {
namespace {

class NginxUpgradeTest : public DaemonTest {
 protected:
  void SetUp() override {
    DaemonTest::SetUp();
    // Daemons leave their parents; here they become the test's children, for it to end them.
    ASSERT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
  }

  void TearDown() override {
    const std::string log = read_file(directory() / "error.log");
    EXPECT_EQ(log.find("sockopt["), std::string::npos) << log;
    if (HasFailure()) std::cout << "--- error.log\n" << log;
    for (const pid_t daemon : daemons_) kill(daemon, SIGKILL);
    for (const ProcessEntry& worker : descendants(getpid())) kill(worker.pid, SIGKILL);
    while (waitpid(-1, nullptr, 0) > 0) {
    }
    prctl(PR_SET_CHILD_SUBREAPER, 0);
    DaemonTest::TearDown();
  }

  // The master that this file of nginx's names, once it does.
  pid_t master(const std::string& file) {
    pid_t pid = 0;
    EXPECT_TRUE(eventually(kPatience, [&] {
      pid = std::atoi(read_file(directory() / file).c_str());
      return pid > 0 && !daemons_.contains(pid);
    })) << file;
    daemons_.insert(pid);
    return pid;
  }

  pid_t start_daemon() {
    Process launcher(
        {.argv = set_up_nginx(directory(), {.listen = "127.0.0.1:" + std::to_string(port_),
                                            .main = "error_log error.log notice;"}),
         .environment = environment()});
    const std::optional<Exit> exit = launcher.wait();
    if (!exit || !exit->success()) return 0;
    // Debian's launcher writes the file before the daemon has left its process group, all of which
    // ends with it.
    const pid_t daemon = master("nginx.pid");
    EXPECT_TRUE(eventually(kPatience, [&] { return getsid(daemon) == daemon; }));
    return daemon;
  }

  std::uint16_t port_ = 0;
  std::set<pid_t> daemons_;
};

TEST_P(NginxUpgradeTest, OptionsOutliveTheShim) {
  SOCKOPT_NEEDS("/usr/sbin/nginx");
  pid_t old_master = 0;
  for (int attempt = 0; attempt < 3 && old_master == 0; ++attempt) {
    port_ = free_port();
    old_master = start_daemon();
  }
  ASSERT_NE(old_master, 0);
  {
    TcpClient client("127.0.0.1", port_);
    EXPECT_EQ(http_get(client, "/").body, "hello\n");
    expect_options(await_socket(old_master, accepted_from(client)));
  }

  kill(old_master, SIGUSR2);
  const pid_t new_master = master("nginx.pid");
  ASSERT_EQ(read_file("/proc/" + std::to_string(new_master) + "/maps").find("libsockopt"),
            std::string::npos)
      << "nginx hands its environment on: this test shows nothing";
  kill(old_master, SIGQUIT);
  ASSERT_EQ(waitpid(old_master, nullptr, 0), old_master);
  daemons_.erase(old_master);

  TcpClient client("127.0.0.1", port_);
  const HttpReply reply = http_get(client, "/");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "hello\n");
  expect_listener(await_socket(new_master, listening_on(port_)), 511);
  expect_options(await_socket(new_master, accepted_from(client)));
}

SOCKOPT_DAEMON_TEST(NginxUpgradeTest);

}  // namespace
}  // namespace sockopt::test
