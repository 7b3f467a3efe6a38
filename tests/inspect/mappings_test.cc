// SPDX-License-Identifier: MIT
//
// Lines of /proc/PID/maps as the kernel writes them: proc_pid_maps(5).
#include "tools/inspect/mappings.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

namespace sockopt::test {
namespace {

TEST(Mappings, AreReadFromTheirLines) {
  const auto mappings = parse_mappings(
      "7f3c2a000000-7f3c2a021000 rw-p 00000000 00:00 0 \n"
      "7f3c2b1d8000-7f3c2b1e7000 r-xp 00001000 fe:00 1095 /usr/lib/lib sockopt.so (deleted)\n"
      "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]");
  ASSERT_EQ(mappings.size(), 3U);
  EXPECT_EQ(mappings[0].begin, 0x7f3c2a000000U);
  EXPECT_EQ(mappings[0].end, 0x7f3c2a021000U);
  EXPECT_EQ(mappings[0].path, "");
  EXPECT_FALSE(mappings[0].deleted);
  EXPECT_EQ(mappings[1].offset, 0x1000U);
  EXPECT_EQ(mappings[1].path, "/usr/lib/lib sockopt.so");
  EXPECT_TRUE(mappings[1].deleted);
  EXPECT_EQ(mappings[2].begin, 0xffffffffff600000U);
  EXPECT_EQ(mappings[2].path, "[vsyscall]");
}

TEST(Mappings, WhatIsNoLineIsPassedOver) {
  EXPECT_TRUE(parse_mappings("").empty());
  EXPECT_TRUE(parse_mappings("\n\nrubbish\n12-\n12-34\n-34 r-xp 0 0 0\n").empty());
}

TEST(Mappings, MemoryIsReadWhereItIsMappedOnly) {
  const auto process = ForeignProcess::open(getpid());
  ASSERT_TRUE(process);
  const auto mappings = read_mappings(*process);
  ASSERT_TRUE(mappings);
  static const std::string kMapped = "what stands here";
  const auto address = reinterpret_cast<std::uintptr_t>(kMapped.data());
  EXPECT_TRUE(std::ranges::any_of(*mappings, [address](const Mapping& mapping) {
    return address >= mapping.begin && address < mapping.end;
  }));
  const auto memory = ForeignMemory::open(*process);
  ASSERT_TRUE(memory) << memory.failure().text();
  std::string copy(kMapped.size(), '\0');
  EXPECT_TRUE(memory->read(address, copy.data(), copy.size()));
  EXPECT_EQ(copy, kMapped);
  EXPECT_FALSE(memory->read(16, copy.data(), copy.size()));
}

}  // namespace
}  // namespace sockopt::test
