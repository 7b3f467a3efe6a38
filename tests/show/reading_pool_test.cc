// SPDX-License-Identifier: MIT
//
// Readings packed and unpacked again, whatever their kind and size.
#include "tools/sockopt/live/reading_pool.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace sockopt::test {
namespace {

TEST(ReadingPool, GivesBackWhatWasAdded) {
  ReadingPool pool;
  unsigned char longest[Value::kMaxBytes] = {1, 2, 3};
  pool.add(3, {.value = value_of_int(7200)});
  pool.add(9, {.error = ENOPROTOOPT});
  pool.add(12, {.value = value_of_bytes(longest, sizeof longest)});
  pool.add(13, {.value = value_of_bytes("", 0)});
  pool.add(63, {.value = value_of_int(-1)});
  const ReadingPool::Id id = pool.finish();
  EXPECT_EQ(pool.find(id, 3).value, value_of_int(7200));
  EXPECT_EQ(pool.find(id, 9).error, ENOPROTOOPT);
  EXPECT_EQ(pool.find(id, 12).value, value_of_bytes(longest, sizeof longest));
  EXPECT_EQ(pool.find(id, 13).value.size, 0);
  EXPECT_TRUE(pool.find(id, 13));
  EXPECT_EQ(pool.find(id, 63).value, value_of_int(-1));
  EXPECT_EQ(pool.find(id, 4).error, ENODATA) << "not read";
}

TEST(ReadingPool, KnowsWhoSizesABuffer) {
  ReadingPool pool;
  pool.add(1, {.value = value_of_int(10), .tuned = true});
  pool.add(2, {.value = value_of_int(10), .tuned = false});
  pool.add(3, {.value = value_of_int(10)});
  const ReadingPool::Id id = pool.finish();
  EXPECT_EQ(pool.find(id, 1).tuned, true);
  EXPECT_EQ(pool.find(id, 2).tuned, false);
  EXPECT_EQ(pool.find(id, 3).tuned, std::nullopt);
  EXPECT_EQ(pool.find(id, 3).value, value_of_int(10));
}

TEST(ReadingPool, InTheirOrder) {
  ReadingPool pool;
  pool.add(1, {.value = value_of_int(10)});
  pool.add(2, {.error = EINVAL});
  pool.add(5, {.value = value_of_int(50)});
  std::vector<int> seen;
  pool.for_each(pool.finish(), [&](OptionId id, const OptionReading& reading) {
    seen.insert(seen.end(), {id, reading.error});
  });
  EXPECT_EQ(seen, (std::vector<int>{1, 0, 2, EINVAL, 5, 0}));
}

TEST(ReadingPool, KeepsTheSameOnce) {
  ReadingPool pool;
  for (int i = 0; i < 1000; ++i) {
    pool.add(1, {.value = value_of_int(i % 3)});
    pool.add(2, {.value = value_of_int(5)});
    const ReadingPool::Id id = pool.finish();
    EXPECT_EQ(pool.find(id, 1).value, value_of_int(i % 3));
  }
  EXPECT_EQ(pool.size(), 3u);
}

}  // namespace
}  // namespace sockopt::test
