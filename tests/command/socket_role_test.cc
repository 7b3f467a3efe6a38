// SPDX-License-Identifier: MIT
//
// Listener, accepted or client: told by addresses alone.
#include "tools/sockopt/live/socket_role.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <string>

namespace sockopt::test {
namespace {

Endpoint endpoint(const std::string& address, std::uint16_t port) {
  Endpoint made;
  made.family = address.find(':') == std::string::npos ? AF_INET : AF_INET6;
  inet_pton(made.family, address.c_str(), made.address.data());
  made.port = port;
  return made;
}

class ListenersTest : public testing::Test {
 protected:
  // The text of the listener that is found; empty where none is.
  std::string found(const std::string& address, std::uint16_t port, std::uint64_t space = 1) {
    const Endpoint* listener = listeners.find(space, endpoint(address, port));
    return listener == nullptr ? "" : listener->text();
  }

  Listeners listeners;
};

TEST_F(ListenersTest, ExactAddress) {
  listeners.add(1, endpoint("192.0.2.1", 443));
  EXPECT_EQ(found("192.0.2.1", 443), "192.0.2.1:443");
  EXPECT_EQ(found("192.0.2.2", 443), "");
  EXPECT_EQ(found("192.0.2.1", 444), "");
}

TEST_F(ListenersTest, Wildcard) {
  listeners.add(1, endpoint("0.0.0.0", 80));
  EXPECT_EQ(found("192.0.2.1", 80), "0.0.0.0:80");
  EXPECT_EQ(found("2001:db8::1", 80), "") << "an IPv4 listener has no IPv6 connections";
}

TEST_F(ListenersTest, WildcardOfBothFamilies) {
  listeners.add(1, endpoint("::", 80));
  EXPECT_EQ(found("2001:db8::1", 80), "[::]:80");
  EXPECT_EQ(found("::ffff:192.0.2.1", 80), "[::]:80") << "its IPv4 peers have IPv6 sockets";
}

TEST_F(ListenersTest, TheSpecificOneIsPreferred) {
  listeners.add(1, endpoint("0.0.0.0", 80));
  listeners.add(1, endpoint("192.0.2.1", 80));
  EXPECT_EQ(found("192.0.2.1", 80), "192.0.2.1:80");
  EXPECT_EQ(found("192.0.2.9", 80), "0.0.0.0:80");
}

TEST_F(ListenersTest, OfThatNamespaceOnly) {
  listeners.add(1, endpoint("0.0.0.0", 80));
  EXPECT_EQ(found("192.0.2.1", 80, 2), "");
}

TEST(RoleOf, EachKind) {
  const Endpoint local = endpoint("0.0.0.0", 80);
  SocketFacts facts;
  facts.local = endpoint("192.0.2.1", 80);
  EXPECT_EQ(role_of(facts, &local), SocketRole::kUnconnected);
  facts.peer = endpoint("192.0.2.7", 40000);
  EXPECT_EQ(role_of(facts, &local), SocketRole::kAccepted);
  EXPECT_EQ(role_of(facts, nullptr), SocketRole::kClient);
  facts.peer = {};
  facts.listening = true;
  EXPECT_EQ(role_of(facts, &local), SocketRole::kListener);
}

}  // namespace
}  // namespace sockopt::test
