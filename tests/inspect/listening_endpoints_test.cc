// SPDX-License-Identifier: MIT
//
// The listeners of a namespace, whoever has them.
#include "tools/inspect/listening_endpoints.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "tests/inspect/capability.h"
#include "tests/support/in_child.h"
#include "tests/support/process.h"
#include "tests/support/requirements.h"
#include "tests/support/tcp_client.h"
#include "tools/inspect/foreign_socket.h"
#include "tools/inspect/listener_dump.h"

namespace sockopt::test {
namespace {

bool holds(const std::vector<Endpoint>& all, const Endpoint& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

using Source = std::vector<Endpoint> (*)(const ForeignProcess&);

class ListeningEndpointsFrom : public testing::TestWithParam<Source> {};

TEST_P(ListeningEndpointsFrom, BothFamiliesAndNoConnections) {
  const UniqueFd four(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const UniqueFd six(socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(listen(four.get(), 5), 0);
  ASSERT_EQ(listen(six.get(), 5), 0);
  const Endpoint four_end = socket_facts(four.get())->local;
  const Endpoint six_end = socket_facts(six.get())->local;
  const TcpClient client("127.0.0.1", four_end.port);
  const auto all = GetParam()(*ForeignProcess::open(getpid()));
  EXPECT_TRUE(holds(all, four_end));
  EXPECT_TRUE(holds(all, six_end));
  EXPECT_FALSE(holds(all, socket_facts(client.fd())->local));
  EXPECT_FALSE(holds(all, socket_facts(client.fd())->peer));
}

std::vector<Endpoint> dumped(const ForeignProcess&) {
  const auto listeners = dump_listeners();
  std::vector<Endpoint> all;
  for (const DumpedListener& one : *listeners) all.push_back(one.local);
  return all;
}

std::string source_name(const testing::TestParamInfo<Source>& source) {
  constexpr const char* kNames[] = {"Either", "Proc", "Netlink"};
  return kNames[source.index];
}

INSTANTIATE_TEST_SUITE_P(Sources, ListeningEndpointsFrom,
                         testing::Values(listening_endpoints, listed_endpoints, dumped),
                         source_name);

// More than one message of the kernel's takes.
TEST(ListeningEndpoints, ManyOfThem) {
  std::vector<UniqueFd> listeners;
  for (int i = 0; i < 1000; ++i) {
    listeners.emplace_back(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(listen(listeners.back().get(), 1), 0);
  }
  const auto all = dump_listeners();
  ASSERT_TRUE(all);
  for (const UniqueFd& listener : listeners) {
    const SocketFacts facts = *socket_facts(listener.get());
    ASSERT_TRUE(std::any_of(all->begin(), all->end(), [&](const DumpedListener& one) {
      return one.local == facts.local && one.cookie == facts.cookie;
    }));
  }
}

// Those of another namespace: with the privilege to enter it, and without.
TEST(ListeningEndpoints, OfAnotherNetworkNamespace) {
  SOCKOPT_NEEDS_ROOT("to make a namespace");
  Process inside({.argv = {"unshare", "--net", "python3", "-c",
                           "import socket, time\n"
                           "s = socket.create_server(('0.0.0.0', 4321))\n"
                           "print(1, flush=True)\ntime.sleep(600)"}});
  ASSERT_TRUE(eventually(kPatience, [&] { return inside.output() == "1\n"; })) << inside.error();
  const auto told = [&] {
    std::string text;
    for (const Endpoint& one : listening_endpoints(*ForeignProcess::open(inside.pid()))) {
      text += one.text();
    }
    return text;
  };
  EXPECT_EQ(told(), "0.0.0.0:4321");
  EXPECT_EQ(in_child([&]() -> std::string {
              if (!drop_capability(CAP_SYS_ADMIN)) return "kept";
              return told();
            }),
            "0.0.0.0:4321");
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
