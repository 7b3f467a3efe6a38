// SPDX-License-Identifier: MIT
//
// What a listener dropped, and what the kernel counts besides in the same number.
#include "tools/inspect/listen_drops.h"

#include <gtest/gtest.h>

namespace sockopt::test {
namespace {

SocketFacts listener(std::uint32_t counted) {
  SocketFacts facts;
  facts.drops = counted;
  return facts;
}

Counters counters(std::uint64_t dropped, std::uint64_t deferred) {
  return {{"TcpExt.ListenDrops", dropped}, {"TcpExt.TCPDeferAcceptDrop", deferred}};
}

std::string text(std::uint32_t counted, const Counters& of_namespace) {
  const auto drops = listen_drops(listener(counted), of_namespace);
  return drops ? drops->text() : "?";
}

TEST(ListenDrops, AreNoneWhereNobodyCountedAny) {
  EXPECT_EQ(text(0, counters(9, 9)), "0");
  EXPECT_EQ(text(0, {}), "0");
  EXPECT_EQ(text(7, counters(0, 0)), "0") << "SYNs that were answered again";
  EXPECT_EQ(text(30, counters(0, 30)), "0");
}

// A full queue counts once at the SYN, and twice at the end of the handshake.
TEST(ListenDrops, MayBeCountedTwice) {
  EXPECT_EQ(text(7, counters(99, 0)), "4..7");
  EXPECT_EQ(text(6, counters(3, 0)), "3") << "each of them was";
  EXPECT_EQ(text(6, counters(5, 0)), "3..5") << "no more than the namespace counted";
  EXPECT_EQ(text(1, counters(1, 0)), "1");
}

// Of whichever listener of the namespace: this one may have deferred, and no longer does.
TEST(ListenDrops, MayBeWhatWasHeldBack) {
  EXPECT_EQ(text(30, counters(99, 30)), "0..30");
  EXPECT_EQ(text(30, counters(4, 30)), "0..4");
  EXPECT_EQ(text(30, counters(99, 28)), "1..30") << "two of them were not";
  EXPECT_EQ(text(30, {}), "0..30") << "nothing is known";
}

TEST(ListenDrops, MayBeWhatElseTheKernelCountsThere) {
  for (const char* name :
       {"TCPSynRetrans", "TCPACKSkippedSynRecv", "EmbryonicRsts", "PAWSEstab", "TCPMinTTLDrop"}) {
    Counters all = counters(99, 0);
    all[std::string("TcpExt.") + name] = 30;
    EXPECT_EQ(text(30, all), "0..30") << name;
    EXPECT_EQ(text(40, all), "5..40") << name;
  }
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
