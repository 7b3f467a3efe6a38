// SPDX-License-Identifier: MIT
//
// proxychains and tsocks. The one connects a socket of its own to a proxy and moves it onto the
// program's number, the other connects the program's socket to the proxy. The proxy here promises a
// connection, and makes none.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "tests/support/facts.h"
#include "tests/support/listener.h"
#include "tests/support/paths.h"
#include "tests/support/script.h"

namespace sockopt::test {
namespace {

// The protocol's answers to a greeting and to a request for an address of IPv4 (RFC 1928).
class Proxy {
 public:
  Proxy() : thread_([this] { serve(); }) {}
  ~Proxy() {
    shutdown(listener_.fd(), SHUT_RDWR);
    thread_.join();
  }

  std::string port() const { return std::to_string(listener_.port()); }

 private:
  void serve() const {
    for (int client = 0; (client = accept(listener_.fd(), nullptr, nullptr)) >= 0;) {
      char request[64];
      if (recv(client, request, 2, MSG_WAITALL) == 2 &&
          recv(client, request, static_cast<std::size_t>(request[1]), MSG_WAITALL) > 0 &&
          send(client, "\5\0", 2, MSG_NOSIGNAL) == 2 &&
          recv(client, request, 10, MSG_WAITALL) == 10) {
        send(client, "\5\0\0\1\0\0\0\0\0\0", 10, MSG_NOSIGNAL);
        recv(client, request, 1, 0);  // until the program has gone
      }
      close(client);
    }
  }

  const Listener listener_;
  std::thread thread_;
};

struct Client {
  const char* name;
  const char* library;
  const char* variable;  // that names its file
  const char* file;      // up to the proxy's port
  bool moves;            // a socket of its own
};
void PrintTo(const Client& client, std::ostream* out) { *out << client.name; }

class BehindAProxy : public ::testing::TestWithParam<Client> {
 protected:
  void SetUp() override {
    other_ = system_library(GetParam().library);
    if (other_.empty()) GTEST_SKIP() << GetParam().library << " is not installed";
  }

  // What becomes of a socket that the program connects to 192.0.2.1.
  Played connected(const std::vector<std::string>& libraries, const std::string& rules) const {
    const TemporaryDirectory directory;
    Environment environment =
        preloading(libraries, {{"CONFIG", directory.write("sockopt.ini", rules)}});
    environment[GetParam().variable] =
        directory.write("proxies.conf", GetParam().file + proxy_.port() + "\n");
    environment["PROXYCHAINS_QUIET_MODE"] = "1";
    const Played played =
        play("socket s inet; connect s 192.0.2.1:80; get s TCP_KEEPIDLE; get s TCP_KEEPCNT",
             environment);
    // Neither leaves errno alone.
    EXPECT_TRUE(played.result("connect s 192.0.2.1:80").starts_with("0")) << played.lines[1];
    return played;
  }

  const Proxy proxy_;
  std::string other_;
};

constexpr char kBase[] = "[sockopt]\nkeepidle = 61s\nkeepcnt = 5\n";

TEST_P(BehindAProxy, TheBaseArrivesThoughARuleNamesTheTarget) {
  const std::string rules =
      std::string(kBase) + "[rule t]\nconnect = 192.0.2.0/24\nkeepidle = 30s\n";
  const Played in_front = connected({library(), other_}, rules);
  EXPECT_EQ(in_front.number("get s TCP_KEEPIDLE"), GetParam().moves ? 61 : 30);
  EXPECT_EQ(in_front.number("get s TCP_KEEPCNT"), 5);
  const Played behind = connected({other_, library()}, rules);
  EXPECT_EQ(behind.number("get s TCP_KEEPIDLE"), 61);
  EXPECT_EQ(behind.number("get s TCP_KEEPCNT"), 5);
}

TEST_P(BehindAProxy, ARuleForTheProxyAppliesBehindIt) {
  const std::string rules = std::string(kBase) + "[rule p]\nconnect = 127.0.0.1\nkeepidle = 30s\n";
  const Played played = connected({other_, library()}, rules);
  EXPECT_EQ(played.number("get s TCP_KEEPIDLE"), 30);
  EXPECT_EQ(played.number("get s TCP_KEEPCNT"), 5);
}

INSTANTIATE_TEST_SUITE_P(
    , BehindAProxy,
    ::testing::Values(Client{"proxychains", "libproxychains.so.4", "PROXYCHAINS_CONF_FILE",
                             "strict_chain\n[ProxyList]\nsocks5 127.0.0.1 ", true},
                      Client{"tsocks", "libtsocks.so.1", "TSOCKS_CONF_FILE",
                             "local = 127.0.0.0/255.0.0.0\nserver = 127.0.0.1\nserver_type = 5\n"
                             "server_port = ",
                             false}),
    by_name);

}  // namespace
}  // namespace sockopt::test
