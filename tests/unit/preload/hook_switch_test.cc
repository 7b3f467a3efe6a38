// SPDX-License-Identifier: MIT
//
// Starts that race with each other, with a filter that the program installs, and with calls that
// are made while the hooks must not be: whatever comes first, hooks that are off stay off.
#include "shim/preload/hook_switch.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace sockopt::test {
namespace {

// Only told apart by their address.
SocketHooks* hooks(std::uintptr_t number) {
  return reinterpret_cast<SocketHooks*>(number << 12);  // NOLINT: never read through
}

TEST(HookSwitch, HasNoHooksUntilAStartIsComplete) {
  HookSwitch hook_switch;
  EXPECT_TRUE(hook_switch.is_undecided());
  EXPECT_EQ(hook_switch.hooks(), nullptr);
  EXPECT_TRUE(hook_switch.publish(hooks(1)));
  EXPECT_EQ(hook_switch.hooks(), hooks(1));
  EXPECT_FALSE(hook_switch.is_undecided());
}

TEST(HookSwitch, TheFirstOfTwoStartsCounts) {
  HookSwitch hook_switch;
  EXPECT_TRUE(hook_switch.publish(hooks(1)));
  EXPECT_FALSE(hook_switch.publish(hooks(2)));
  EXPECT_FALSE(hook_switch.publish_nothing());
  EXPECT_EQ(hook_switch.hooks(), hooks(1));
}

TEST(HookSwitch, WhatIsOffStaysOff) {
  HookSwitch hook_switch;
  EXPECT_TRUE(hook_switch.turn_off());
  EXPECT_TRUE(hook_switch.publish(hooks(1)));
  EXPECT_EQ(hook_switch.hooks(), nullptr);
  EXPECT_TRUE(hook_switch.is_off());
  hook_switch.pause();
  hook_switch.resume();
  EXPECT_EQ(hook_switch.hooks(), nullptr);
}

TEST(HookSwitch, WhereThereIsNothingToDoNothingCanBeTurnedOff) {
  HookSwitch hook_switch;
  EXPECT_TRUE(hook_switch.publish_nothing());
  EXPECT_FALSE(hook_switch.turn_off());
  hook_switch.pause();
  EXPECT_FALSE(hook_switch.is_off());
}

TEST(HookSwitch, EachPauseIsEndedByOneResume) {
  HookSwitch hook_switch;
  ASSERT_TRUE(hook_switch.publish(hooks(1)));
  hook_switch.pause();
  hook_switch.pause();
  EXPECT_TRUE(hook_switch.is_off());
  hook_switch.resume();
  EXPECT_EQ(hook_switch.hooks(), nullptr);
  hook_switch.resume();
  EXPECT_EQ(hook_switch.hooks(), hooks(1));
  hook_switch.resume();
  EXPECT_EQ(hook_switch.hooks(), hooks(1));
}

TEST(HookSwitch, AStartDuringAPauseCountsAfterIt) {
  HookSwitch hook_switch;
  hook_switch.pause();
  EXPECT_TRUE(hook_switch.publish(hooks(1)));
  EXPECT_EQ(hook_switch.hooks(), nullptr);
  hook_switch.resume();
  EXPECT_EQ(hook_switch.hooks(), hooks(1));
}

TEST(HookSwitch, APauseBeforeAnyStartLeavesItUndecided) {
  HookSwitch hook_switch;
  hook_switch.pause();
  hook_switch.resume();
  EXPECT_TRUE(hook_switch.is_undecided());
}

TEST(HookSwitch, TurnedOffDuringAPauseItStaysOff) {
  HookSwitch hook_switch;
  ASSERT_TRUE(hook_switch.publish(hooks(1)));
  hook_switch.pause();
  EXPECT_TRUE(hook_switch.turn_off());
  hook_switch.resume();
  EXPECT_EQ(hook_switch.hooks(), nullptr);
}

}  // namespace
}  // namespace sockopt::test
