// SPDX-License-Identifier: MIT
//
// What is remembered of a descriptor comes back as it was put, and a number that is none costs
// nothing.
#include "shim/sockets/descriptors.h"

#include <gtest/gtest.h>

#include <climits>
#include <vector>

namespace sockopt::test {
namespace {

TEST(DescriptorState, EveryStateComesBackFromItsWord) {
  for (const Protocol protocol :
       {Protocol::kUnknown, Protocol::kOther, Protocol::kTcp, Protocol::kMptcp}) {
    for (const bool ipv6 : {false, true}) {
      for (const Role role : {Role::kNone, Role::kPrepared, Role::kPerAccept, Role::kDraining,
                              Role::kConnecting, Role::kAccepted, Role::kBoundNonTcp}) {
        for (const int left : {0, 1, 4, 65535}) {
          const DescriptorState state = {{protocol, ipv6}, role, static_cast<std::uint16_t>(left)};
          const DescriptorState back = DescriptorState::unpacked(state.packed());
          EXPECT_EQ(back.kind, state.kind);
          EXPECT_EQ(back.role, role);
          EXPECT_EQ(back.left, left);
        }
      }
    }
  }
}

TEST(DescriptorState, ZeroIsWhatIsNotKnown) {
  EXPECT_EQ(DescriptorState().packed(), 0U);
  EXPECT_EQ(DescriptorState::unpacked(0).kind.protocol, Protocol::kUnknown);
  EXPECT_EQ(DescriptorState::unpacked(0).role, Role::kNone);
}

class DescriptorsTest : public testing::Test {
 protected:
  std::vector<Descriptors::Slot> slots_{8};
  Descriptors descriptors_{slots_.data(), slots_.size()};
};

TEST_F(DescriptorsTest, KeepsStatesApart) {
  for (int fd = 0; fd < 8; ++fd) {
    descriptors_.set_state(
        fd, {.kind = {Protocol::kTcp, fd % 2 == 0}, .left = static_cast<std::uint16_t>(fd)});
  }
  for (int fd = 0; fd < 8; ++fd) {
    EXPECT_EQ(descriptors_.state(fd).left, fd);
    EXPECT_EQ(descriptors_.state(fd).kind.ipv6, fd % 2 == 0);
  }
}

TEST_F(DescriptorsTest, ANumberBeyondTheTableIsNeverKnown) {
  for (const int fd : {8, 9, 1 << 20, INT_MAX, -1, INT_MIN}) {
    descriptors_.begin(fd, {.kind = {Protocol::kTcp, true}});
    descriptors_.set_state(fd, {.kind = {Protocol::kTcp, true}});
    descriptors_.mark_set_by_program(fd, OptionSet::of(3));
    descriptors_.set_address(fd, {Address::Family::kIpv4, 80, {}});
    EXPECT_EQ(descriptors_.state(fd).packed(), 0U) << fd;
    EXPECT_TRUE(descriptors_.set_by_program(fd).empty()) << fd;
    EXPECT_EQ(descriptors_.address(fd), Address()) << fd;
  }
}

TEST_F(DescriptorsTest, WithoutATableNothingIsKnown) {
  Descriptors none;
  none.begin(0, {.kind = {Protocol::kTcp, true}});
  none.mark_set_by_program(0, OptionSet::of(1));
  EXPECT_EQ(none.state(0).packed(), 0U);
  EXPECT_TRUE(none.set_by_program(0).empty());
}

TEST_F(DescriptorsTest, ANewSocketOfTheNumberHasNothingOfTheOld) {
  descriptors_.mark_set_by_program(5, OptionSet::of(1));
  descriptors_.mark_set_by_program(5, OptionSet::of(63));
  EXPECT_EQ(descriptors_.set_by_program(5), OptionSet::of(1) | OptionSet::of(63));
  descriptors_.set_state(5, {.kind = {Protocol::kTcp, false}});
  EXPECT_EQ(descriptors_.set_by_program(5).count(), 2) << "a new state alone is no new socket";
  descriptors_.begin(5, {.kind = {Protocol::kMptcp, false}});
  EXPECT_TRUE(descriptors_.set_by_program(5).empty());
  EXPECT_EQ(descriptors_.state(5).kind.protocol, Protocol::kMptcp);
}

TEST_F(DescriptorsTest, AnAcceptedSocketHasNothingOfTheOldButTheListenersKind) {
  descriptors_.set_state(3, {.kind = {Protocol::kMptcp, true}, .role = Role::kPrepared});
  descriptors_.set_state(5, {.kind = {Protocol::kTcp, false}, .role = Role::kDraining, .left = 9});
  descriptors_.mark_set_by_program(5, OptionSet::of(1));
  descriptors_.hand_on(descriptors_.prepared(3), 5);
  EXPECT_TRUE(descriptors_.set_by_program(5).empty());
  EXPECT_EQ(descriptors_.state(5).kind, (SocketKind{Protocol::kMptcp, true}));
  EXPECT_EQ(descriptors_.state(5).role, Role::kAccepted);
  EXPECT_EQ(descriptors_.state(5).left, 0U);
}

TEST_F(DescriptorsTest, KeepsTheAddress) {
  Address address;
  address.family = Address::Family::kIpv6;
  address.port = 443;
  for (int i = 0; i < 16; ++i) address.bytes[i] = static_cast<unsigned char>(i + 1);
  descriptors_.set_address(7, address);
  EXPECT_EQ(descriptors_.address(7), address);
  EXPECT_EQ(descriptors_.address(6), Address());
}

}  // namespace
}  // namespace sockopt::test
