// SPDX-License-Identifier: MIT
//
// A row is found by its key and by what a program's own setsockopt says, and by nothing else.
#include "shim/options/lookup.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>

#include "shim/text/text.h"

namespace sockopt::test {
namespace {

TEST(FindOption, FindsEveryKeyAndNothingNearIt) {
  for (OptionId id = 0; id < kOptionCount; ++id) {
    const std::string key(kOptions[id].key.view());
    EXPECT_EQ(find_option(key), id);
    EXPECT_EQ(option_id(kOptions[id]), id);
    EXPECT_EQ(find_option(key + "x"), kNoOption);
    EXPECT_EQ(find_option(" " + key), kNoOption);
    std::string upper = key;
    upper[0] = to_upper(upper[0]);
    EXPECT_EQ(find_option(upper), kNoOption) << "one spelling";
  }
  EXPECT_EQ(find_option(""), kNoOption);
}

TEST(FindKernelName, FindsEveryRowByTheNamesOfBothFamilies) {
  for (OptionId id = 0; id < kOptionCount; ++id) {
    const Option& option = kOptions[id];
    for (const KernelName name : {option.ipv4, option.ipv6}) {
      if (!name.exists()) continue;
      EXPECT_EQ(find_kernel_name(name.level, name.name), id) << option.key.view();
    }
  }
}

TEST(FindKernelName, KnowsTheOtherRoadsToTheSameState) {
  EXPECT_EQ(find_kernel_name(SOL_SOCKET, 62), find_option("bindtodevice"));
  EXPECT_EQ(find_kernel_name(SOL_SOCKET, 66), find_option("rcvtimeo"));
  EXPECT_EQ(find_kernel_name(SOL_SOCKET, 67), find_option("sndtimeo"));
  EXPECT_EQ(find_kernel_name(IPPROTO_IPV6, IPV6_TCLASS), find_option("tos"));
  EXPECT_EQ(find_kernel_name(IPPROTO_IPV6, IPV6_UNICAST_HOPS), find_option("ttl"));
  EXPECT_EQ(find_kernel_name(IPPROTO_IP, IP_TOS), find_option("tos"));
}

TEST(SameState, IsTheRowItselfAndItsOtherRow) {
  const OptionId rcvbuf = find_option("rcvbuf");
  const OptionId rcvbufforce = find_option("rcvbufforce");
  EXPECT_EQ(same_state(rcvbuf), OptionSet::of(rcvbuf) | OptionSet::of(rcvbufforce));
  EXPECT_EQ(same_state(rcvbufforce), same_state(rcvbuf));
  EXPECT_EQ(same_state(find_option("sndbuf")), same_state(find_option("sndbufforce")));
  EXPECT_EQ(same_state(find_option("nodelay")), OptionSet::of(find_option("nodelay")));
}

TEST(FindKernelName, FindsNothingElse) {
  // Every name of the four levels, far beyond both ends: as many hits as rows and aliases have.
  std::set<std::pair<int, int>> names = {{SOL_SOCKET, 62}, {SOL_SOCKET, 66}, {SOL_SOCKET, 67}};
  for (const Option& option : kOptions) {
    if (option.ipv4.exists()) names.emplace(option.ipv4.level, option.ipv4.name);
    if (option.ipv6.exists()) names.emplace(option.ipv6.level, option.ipv6.name);
  }
  for (const int level : {0, 1, 6, 41, 255, 284, -1}) {
    for (int name = -300; name < 1000; ++name) {
      EXPECT_EQ(find_kernel_name(level, name) != kNoOption, names.contains({level, name}))
          << level << ' ' << name;
    }
  }
  EXPECT_EQ(find_kernel_name(INT32_MIN, INT32_MIN), kNoOption);
  EXPECT_EQ(find_kernel_name(INT32_MAX, INT32_MAX), kNoOption);
  EXPECT_EQ(find_kernel_name(IPPROTO_TCP, INT32_MAX), kNoOption);
}

TEST(OptionsAt, AreTheRowsThatNameTheMoment) {
  OptionSet all;
  for (const HookPoint hook_point : {kInSocket, kAtSocket, kBeforeBind, kBeforeListen, kAfterListen,
                                     kBeforeConnect, kAfterConnect, kAtAccept}) {
    const OptionSet options = options_at(hook_point);
    EXPECT_FALSE(options.empty()) << hook_point;
    for (OptionId id = 0; id < kOptionCount; ++id) {
      EXPECT_EQ(options.contains(id), (kOptions[id].hook_points & hook_point) != 0)
          << kOptions[id].key.view();
    }
    all |= options;
  }
  EXPECT_EQ(all.count(), static_cast<int>(kOptionCount));
}

}  // namespace
}  // namespace sockopt::test
