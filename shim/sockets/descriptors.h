// SPDX-License-Identifier: MIT
//
// What is remembered of each descriptor: a few words, read and written without locks.  This is a
// hint. A descriptor can be closed, duplicated or replaced out of our sight, and a vfork child
// writes into its parent's table; a wrong hint may only ever cost work that changes nothing.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "shim/options/option_set.h"
#include "shim/policy/address.h"
#include "shim/sockets/socket_kind.h"

namespace sockopt {

enum class Role : std::uint8_t {
  kNone,        ///< not yet, or not known to be, any of the others
  kPrepared,    ///< a listener that hands on all there is: accept has nothing to do
  kPerAccept,   ///< a listener whose accepted sockets need something each
  kDraining,    ///< an adopted listener with connections from before
  kConnecting,  ///< connect was called
  kAccepted,
  kBoundNonTcp,  ///< not one of ours, and yet bound to an internet address: listen asks again
};

struct DescriptorState {
  SocketKind kind;
  Role role = Role::kNone;
  std::uint32_t left = 0;  ///< kDraining: accepted sockets that may still lack their options

  // Packed: two bits of protocol, one of family, three of role, and the count in the rest.
  static constexpr std::uint32_t kProtocolMask = 3;
  static constexpr std::uint32_t kIpv6 = 4;
  static constexpr std::uint32_t kKindMask = kProtocolMask | kIpv6;
  static constexpr int kRoleAt = 3;
  static constexpr std::uint32_t kRoleMask = 7U << kRoleAt;
  static constexpr int kLeftAt = 6;
  static constexpr std::uint32_t kMostLeft = ~std::uint32_t{0} >> kLeftAt;

  static constexpr std::uint32_t packed(Role role) {
    return static_cast<std::uint32_t>(role) << kRoleAt;
  }
  constexpr std::uint32_t packed() const {
    return static_cast<std::uint32_t>(kind.protocol) | (kind.ipv6 ? kIpv6 : 0) | packed(role) |
           left << kLeftAt;
  }
  static constexpr DescriptorState unpacked(std::uint32_t word) {
    return {{static_cast<Protocol>(word & kProtocolMask), (word & kIpv6) != 0},
            static_cast<Role>((word & kRoleMask) >> kRoleAt),
            word >> kLeftAt};
  }
};

class Descriptors {
 public:
  struct Slot {
    std::atomic<std::uint32_t> state;
    /// The socket that `set_by_program` is about, by the low bits of its SO_COOKIE; 0: whichever
    /// has the number.
    std::atomic<std::uint32_t> owner;
    std::atomic<std::uint64_t> set_by_program;  ///< the options that the program set itself
    /// An Address: for a listener and what it accepted, where it is bound; for kConnecting, the
    /// peer given to connect.
    std::atomic<std::uint64_t> address[3];
  };

  Descriptors() = default;
  /// Over `count` zeroed slots.  Higher descriptors are never known.
  Descriptors(Slot* slots, std::size_t count) : slots_(slots), count_(count) {}

  /// Whether anything can be remembered of this number.
  bool covers(int fd) const { return find(fd) != nullptr; }

  DescriptorState state(int fd) const {
    const Slot* slot = find(fd);
    return DescriptorState::unpacked(slot == nullptr ? 0
                                                     : slot->state.load(std::memory_order_relaxed));
  }
  void set_state(int fd, const DescriptorState& state) {
    if (Slot* slot = find(fd)) slot->state.store(state.packed(), std::memory_order_relaxed);
  }

  /// A new socket has this number: forgets everything about the old one.
  void begin(int fd, const DescriptorState& state) {
    forget_set_by_program(fd);
    set_state(fd, state);
  }
  /// Options may have been set on another socket with this number.  Those with an owner stay: a
  /// vfork child has its own sockets on its parent's numbers.
  void forget_set_by_program(int fd) {
    Slot* slot = find(fd);
    if (slot == nullptr || slot->owner.load(std::memory_order_relaxed) != 0) return;
    slot->set_by_program.store(0, std::memory_order_relaxed);
  }

  // The two steps of an accept on a prepared listener, on the packed words: every connection takes
  // them.
  [[gnu::always_inline]] std::uint32_t prepared(int listener) const {
    const Slot* slot = find(listener);
    const std::uint32_t word = slot == nullptr ? 0 : slot->state.load(std::memory_order_relaxed);
    constexpr std::uint32_t kPrepared = DescriptorState::packed(Role::kPrepared);
    return (word & DescriptorState::kRoleMask) == kPrepared ? word : 0;
  }
  [[gnu::always_inline]] void hand_on(std::uint32_t prepared, int fd) {
    Slot* slot = find(fd);
    if (slot == nullptr) return;
    slot->set_by_program.store(0, std::memory_order_relaxed);
    constexpr std::uint32_t kAccepted = DescriptorState::packed(Role::kAccepted);
    slot->state.store((prepared & DescriptorState::kKindMask) | kAccepted,
                      std::memory_order_relaxed);
  }

  OptionSet set_by_program(int fd) const {
    const Slot* slot = find(fd);
    return OptionSet(slot == nullptr ? 0 : slot->set_by_program.load(std::memory_order_relaxed));
  }
  void mark_set_by_program(int fd, OptionSet options) {
    if (Slot* slot = find(fd)) {
      slot->set_by_program.fetch_or(options.bits(), std::memory_order_relaxed);
    }
  }

  std::uint32_t owner(int fd) const {
    const Slot* slot = find(fd);
    return slot == nullptr ? 0 : slot->owner.load(std::memory_order_relaxed);
  }
  /// From now on `set_by_program` belongs to this socket; forgets what is known to be another's.
  void set_owner(int fd, std::uint32_t owner) {
    Slot* slot = find(fd);
    if (slot == nullptr) return;
    const std::uint32_t before = slot->owner.load(std::memory_order_relaxed);
    if (before == owner) return;
    if (before != 0) slot->set_by_program.store(0, std::memory_order_relaxed);
    slot->owner.store(owner, std::memory_order_relaxed);
  }

  Address address(int fd) const {
    static_assert(sizeof(Address) <= sizeof(Slot::address));
    Address address;
    if (const Slot* slot = find(fd)) {
      std::uint64_t words[3];
      for (int i = 0; i < 3; ++i) words[i] = slot->address[i].load(std::memory_order_relaxed);
      std::memcpy(&address, words, sizeof address);
    }
    return address;
  }
  void set_address(int fd, const Address& address) {
    if (Slot* slot = find(fd)) {
      std::uint64_t words[3] = {};
      std::memcpy(words, &address, sizeof address);
      for (int i = 0; i < 3; ++i) slot->address[i].store(words[i], std::memory_order_relaxed);
    }
  }

 private:
  [[gnu::always_inline]] Slot* find(int fd) const {
    return static_cast<std::size_t>(static_cast<unsigned>(fd)) < count_ ? slots_ + fd : nullptr;
  }

  Slot* slots_ = nullptr;
  std::size_t count_ = 0;
};

}  // namespace sockopt
