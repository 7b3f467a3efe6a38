// SPDX-License-Identifier: MIT
//
// The listeners of a namespace, whoever has them.
#include "tools/inspect/listening_endpoints.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "tests/support/tcp_client.h"
#include "tools/inspect/foreign_socket.h"

namespace sockopt::test {
namespace {

bool holds(const std::vector<Endpoint>& all, const Endpoint& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

TEST(ListeningEndpoints, OfBothFamiliesAndNoConnections) {
  const UniqueFd four(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const UniqueFd six(socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(listen(four.get(), 5), 0);
  ASSERT_EQ(listen(six.get(), 5), 0);
  const Endpoint four_end = socket_facts(four.get())->local;
  const Endpoint six_end = socket_facts(six.get())->local;
  const TcpClient client("127.0.0.1", four_end.port);
  const auto all = listening_endpoints(*ForeignProcess::open(getpid()));
  EXPECT_TRUE(holds(all, four_end));
  EXPECT_TRUE(holds(all, six_end));
  EXPECT_FALSE(holds(all, socket_facts(client.fd())->local));
  EXPECT_FALSE(holds(all, socket_facts(client.fd())->peer));
}

TEST(ListeningEndpoints, OfALine) {
  EXPECT_EQ(parse_listening("   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00").text(),
            "127.0.0.1:8080");
  EXPECT_EQ(parse_listening(" 1: 00000000000000000000000001000000:0050 "
                            "00000000000000000000000000000000:0000 0A 0:0")
                .text(),
            "[::1]:80");
  EXPECT_FALSE(parse_listening("  0: 0100007F:1F90 0100007F:ABCD 01 0:0").exists());
}

TEST(ListeningEndpoints, OfRubbish) {
  for (const char* line :
       {"", "0:", "0: x y 0A", "0: 0100007F 0 0A", "0: 0100007F: 0 0A", "0: 0100007F:12345 0 0A",
        "0: 0100007G:0050 0 0A", "0: 01000:0050 0 0A"}) {
    EXPECT_FALSE(parse_listening(line).exists()) << line;
  }
}

}  // namespace
}  // namespace sockopt::test
