// SPDX-License-Identifier: MIT
//
// What a listener dropped, and what the kernel counts besides in the same number.
#include "tools/inspect/listen_drops.h"

#include <gtest/gtest.h>

namespace sockopt::test {
namespace {

SocketFacts listener(std::uint32_t counted, bool defers) {
  SocketFacts facts;
  facts.drops = counted;
  facts.defers = defers;
  return facts;
}

Counters counters(std::uint64_t dropped, std::uint64_t deferred) {
  return {{"TcpExt.ListenDrops", dropped}, {"TcpExt.TCPDeferAcceptDrop", deferred}};
}

std::string text(const SocketFacts& facts, const Counters& of_namespace) {
  const auto drops = listen_drops(facts, of_namespace);
  return drops ? drops->text() : "?";
}

TEST(ListenDrops, AreWhatTheSocketCounted) {
  EXPECT_EQ(text(listener(0, false), counters(9, 9)), "0");
  EXPECT_EQ(text(listener(7, false), counters(9, 9)), "7") << "it defers nothing";
  EXPECT_EQ(text(listener(7, false), {}), "7");
}

TEST(ListenDrops, AreNoMoreThanTheNamespaceCounted) {
  EXPECT_EQ(text(listener(7, false), counters(0, 0)), "0") << "SYNs that were answered again";
  EXPECT_EQ(text(listener(7, false), counters(5, 0)), "5");
  EXPECT_EQ(text(listener(30, true), counters(0, 30)), "0");
  EXPECT_EQ(text(listener(30, true), counters(4, 30)), "0..4");
}

TEST(ListenDrops, MayBeConnectionsThatWereDeferred) {
  EXPECT_EQ(text(listener(30, true), counters(99, 30)), "0..30");
  EXPECT_EQ(text(listener(30, true), counters(99, 28)), "2..30") << "not all of them were";
  EXPECT_EQ(text(listener(30, true), counters(99, 0)), "30") << "nothing ever was";
  EXPECT_EQ(text(listener(30, true), {}), "0..30") << "nothing is known";
}

TEST(ListenDrops, OfManyAreAddedUp) {
  ListenDrops drops{1, 2};
  drops += ListenDrops{3, 3};
  EXPECT_EQ(drops.text(), "4..5");
}

TEST(ListenDrops, OfWhatIsNotCountedAreUnknown) {
  EXPECT_FALSE(listen_drops(SocketFacts(), counters(5, 5)));
}

}  // namespace
}  // namespace sockopt::test
