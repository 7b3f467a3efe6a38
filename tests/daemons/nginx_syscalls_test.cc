// SPDX-License-Identifier: MIT
//
// The listener is prepared so that connections cost nothing: with the library, nginx makes the very
// system calls for each connection that it makes without. strace counts them.
#include <gtest/gtest.h>
#include <signal.h>

#include <cctype>
#include <map>
#include <string>

#include "tests/support/requirements.h"
#include "tests/support/servers/daemon_test.h"
#include "tests/support/servers/http.h"
#include "tests/support/servers/nginx.h"
#include "tests/support/strace.h"

namespace sockopt::test {
namespace {

constexpr int kConnections = 50;

using Counts = std::map<std::string, int>;

// The calls between the requests for /begin and /end, each once: strace writes a second line, `<...
// call resumed>`, for one that was interrupted by another's.
Counts count_calls(const std::vector<std::string>& calls) {
  Counts counts;
  bool counting = false;
  for (const std::string& call : calls) {
    if (call.find("GET /end") != std::string::npos) break;
    const bool begins = call.find("GET /begin") != std::string::npos;
    const auto parenthesis = call.find('(');
    if (counting && std::isalpha(call[0]) != 0 && parenthesis != std::string::npos) {
      ++counts[call.substr(0, parenthesis)];
    }
    counting = counting || begins;
  }
  return counts;
}

class NginxSyscallsTest : public DaemonTest {
 protected:
  Command traced_nginx(std::uint16_t port, const Environment& environment) const {
    const std::vector<std::string> nginx =
        set_up_nginx(directory(), {.listen = "127.0.0.1:" + std::to_string(port),
                                   .http = "",
                                   .server = "location = /begin { return 204; }"
                                             "location = /end { return 204; }"});
    return under_strace({.argv = nginx, .environment = environment}, directory() / "trace");
  }

  Counts count_calls_of_nginx(Shim shim) {
    Server& server =
        start([&](std::uint16_t port) { return traced_nginx(port, environment(shim)); });
    const auto get = [&](const std::string& path) {
      TcpClient client("127.0.0.1", server.port);
      return http_get(client, path).status;
    };
    EXPECT_EQ(get("/"), 200);  // what happens but once is behind us
    EXPECT_EQ(get("/begin"), 204);
    for (int i = 0; i < kConnections; ++i) EXPECT_EQ(get("/"), 200);
    EXPECT_EQ(get("/end"), 204);
    if (shim != Shim::kNone) expect_options(server.listener());
    for (const ProcessEntry& traced : descendants(server.pid())) {
      if (traced.parent == server.pid()) kill(traced.pid, SIGQUIT);
    }
    EXPECT_TRUE(server.process->wait()) << "strace ends with what it traces";
    return count_calls(traced_calls(directory() / "trace"));
  }
};

TEST_P(NginxSyscallsTest, SamePerConnectionAsWithout) {
  SOCKOPT_NEEDS("nginx");
  SOCKOPT_NEEDS_STRACE();
  directory().write("html/index.html", "hello\n");
  Counts without = count_calls_of_nginx(Shim::kNone);
  Counts with = count_calls_of_nginx(GetParam());
  EXPECT_EQ(without["accept4"], kConnections + 1);
  EXPECT_EQ(without["setsockopt"], kConnections + 1) << "nginx's own TCP_NODELAY";
  // How many events one wait brings, and whether the client has already closed when nginx looks for
  // its next request, is a matter of timing.
  for (Counts* counts : {&without, &with}) {
    counts->erase("epoll_wait");
    counts->erase("recvfrom");
  }
  EXPECT_EQ(with, without);
}

INSTANTIATE_TEST_SUITE_P(Daemons, NginxSyscallsTest,
                         ::testing::Values(Shim::kVariables, Shim::kFile), shim_name);

}  // namespace
}  // namespace sockopt::test
