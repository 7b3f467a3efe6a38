// SPDX-License-Identifier: MIT
//
// Every row of the table on every kind of listener: whatever way a connection comes, in the end it
// has what the policy says, if the kernel lets it.
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/options/values.h"
#include "tests/unit/sockets/program.h"

namespace sockopt::test {
namespace {

struct Way {
  int domain;
  int protocol;  // of the listener
  int client;    // protocol of its clients
};

constexpr Way kWays[] = {{AF_INET, IPPROTO_TCP, IPPROTO_TCP},
                         {AF_INET6, IPPROTO_TCP, IPPROTO_TCP},
                         {AF_INET6, kMptcp, kMptcp},
                         {AF_INET6, kMptcp, IPPROTO_TCP}};

std::string line(const Row& row) {
  return std::string(row.option.key.view()) + " = " + std::string(row.manual.example) + "\n";
}

// The example as it reads back.
std::string value(const Row& row) {
  return formatted(row.option, parse(row.option, row.manual.example).value.value());
}

// Whether a connection of this way is to have the option.
bool reaches_connections(const Option& option, const Way& way, bool bound_before) {
  if (!option.is_socket_option()) return false;
  if (option.inheritance == Inheritance::kListener) return false;
  if (option.inheritance == Inheritance::kClient) return false;
  const BindOrder order = option.bind_order;
  const bool is_late = order == BindOrder::kOnlyBefore || order == BindOrder::kNotConnected;
  if (bound_before && is_late) return false;
  if (!option.ipv4.exists() && way.domain == AF_INET) return false;
  return way.client != kMptcp || option.mptcp != Mptcp::kRefused;
}

void expect_on_connections(const Row& row, const std::string& section) {
  for (const Way& way : kWays) {
    ShimmedProgram program(section + line(row));
    const int listener = program.socket(way.domain, way.protocol);
    program.bind(listener, way.domain == AF_INET ? "0.0.0.0:80" : "[::]:80");
    program.listen(listener);
    const int fd = program.serve(listener, way.client);
    if (!reaches_connections(row.option, way, false)) continue;
    EXPECT_EQ(program.kernel.option(fd, row.option.key.view()), value(row))
        << row.option.key.view() << ' ' << way.domain << ' ' << way.protocol << ' ' << way.client;
  }
}

TEST(EveryOption, ReachesTheConnectionsOfAListener) {
  for (const Row& row : kRows) expect_on_connections(row, "");
}

TEST(EveryOption, ReachesTheConnectionsOfAnAdoptedListener) {
  for (const Row& row : kRows) {
    for (const Way& way : kWays) {
      ShimmedProgram program(line(row));
      const int listener = program.inherited_listener(way.domain, 5, 0, way.protocol);
      program.kernel.connect_to(listener, way.client);
      for (int i = 0; i < 20; ++i) {
        const int fd = program.accept(listener);
        program.kernel.connect_to(listener, way.client);
        if (!reaches_connections(row.option, way, true)) continue;
        EXPECT_EQ(program.kernel.option(fd, row.option.key.view()), value(row))
            << row.option.key.view() << ' ' << way.domain << ' ' << way.protocol << ' '
            << way.client << " connection " << i;
      }
      if (way.protocol == IPPROTO_TCP) {
        EXPECT_TRUE(program.refused().empty()) << program.refused().front();
      }
    }
  }
}

TEST(EveryOption, OfARuleReachesTheConnectionsOfItsListener) {
  for (const Row& row : kRows) {
    if (row.option.hook_points == kInSocket) continue;  // a fault in such a rule
    expect_on_connections(row, "[rule web]\nlisten = 80\n");
  }
}

TEST(EveryOption, OfAListenerIsOnTheListener) {
  for (const Row& row : kRows) {
    if (row.option.inheritance != Inheritance::kListener) continue;
    if (!row.option.is_socket_option()) continue;
    for (const std::string_view section : {"[sockopt]\n", "[rule web]\nlisten = 80\n"}) {
      ShimmedProgram program(std::string(section) + line(row));
      const int listener = program.socket(AF_INET);
      program.bind(listener, "0.0.0.0:80");
      program.listen(listener);
      EXPECT_EQ(program.kernel.option(listener, row.option.key.view()), value(row));
      const int inherited = program.inherited_listener(AF_INET);
      program.accept(inherited);
      EXPECT_EQ(program.kernel.option(inherited, row.option.key.view()), value(row));
    }
  }
}

TEST(EveryOption, ReachesAClientSocket) {
  for (const Row& row : kRows) {
    if (row.option.inheritance == Inheritance::kListener) continue;
    for (const int domain : {AF_INET, AF_INET6}) {
      if (domain == AF_INET && !row.option.ipv4.exists()) continue;
      for (const std::string_view section : {"[sockopt]\n", "[rule peer]\nconnect = 80\n"}) {
        if (section[1] == 'r' && row.option.bind_order == BindOrder::kOnlyBefore) continue;
        ShimmedProgram program(std::string(section) + line(row));
        const int fd = program.socket(domain);
        if (row.option.hook_points == kBeforeBind) {
          program.bind(fd, domain == AF_INET ? "192.0.2.9:0" : "[2001:db8::9]:0");
        }
        program.connect(fd, domain == AF_INET ? "192.0.2.1:80" : "[2001:db8::1]:80");
        EXPECT_EQ(program.kernel.option(fd, row.option.key.view()), value(row))
            << section << row.option.key.view() << ' ' << domain;
      }
    }
  }
}

}  // namespace
}  // namespace sockopt::test
