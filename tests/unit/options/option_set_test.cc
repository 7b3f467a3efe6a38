// SPDX-License-Identifier: MIT
//
// A set of options is one machine word: its arithmetic is what decides which calls are made.
#include "shim/options/option_set.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace sockopt::test {
namespace {

std::vector<int> members(OptionSet set) {
  std::vector<int> ids;
  for (const OptionId id : set) ids.push_back(id);
  return ids;
}

OptionSet set_of(std::initializer_list<OptionId> ids) {
  OptionSet set;
  for (const OptionId id : ids) set.add(id);
  return set;
}

TEST(OptionSet, IsEmptyAtFirst) {
  const OptionSet set;
  EXPECT_TRUE(set.empty());
  EXPECT_EQ(set.count(), 0);
  EXPECT_TRUE(members(set).empty());
}

TEST(OptionSet, HoldsEveryIdAlone) {
  for (std::size_t id = 0; id < kMaxOptions; ++id) {
    const OptionSet set = OptionSet::of(static_cast<OptionId>(id));
    EXPECT_EQ(members(set), std::vector<int>{static_cast<int>(id)});
    for (std::size_t other = 0; other < kMaxOptions; ++other) {
      EXPECT_EQ(set.contains(static_cast<OptionId>(other)), other == id) << id << ' ' << other;
    }
  }
}

TEST(OptionSet, IteratesInOrderFromTheFirstIdToTheLast) {
  EXPECT_EQ(members(set_of({63, 0, 17, 31, 32})), (std::vector<int>{0, 17, 31, 32, 63}));
  EXPECT_EQ(members(OptionSet(~std::uint64_t{0})).size(), kMaxOptions);
}

TEST(OptionSet, AddsAndRemoves) {
  OptionSet set = set_of({1, 2});
  set.add(2);
  EXPECT_EQ(set.count(), 2);
  set.remove(1);
  set.remove(5);
  EXPECT_EQ(set, OptionSet::of(2));
}

TEST(OptionSet, UnitesIntersectsAndSubtracts) {
  const OptionSet a = set_of({1, 2, 63});
  const OptionSet b = set_of({2, 3});
  EXPECT_EQ(a | b, set_of({1, 2, 3, 63}));
  EXPECT_EQ(a & b, set_of({2}));
  EXPECT_EQ(a.without(b), set_of({1, 63}));
  EXPECT_EQ(b.without(a), set_of({3}));
  OptionSet c = a;
  c |= b;
  EXPECT_EQ(c, a | b);
  EXPECT_EQ(OptionSet(c.bits()), c);
}

}  // namespace
}  // namespace sockopt::test
