// SPDX-License-Identifier: MIT
//
// The library's state, for readers from outside (process_vm_readv(2)): `sockopt doctor` and `show`.
// The library has an ELF note named `sockopt`, of type kRegionNote; its descriptor is the distance
// from itself to a pointer to the process's Region, null if the library does nothing. The region is
// read-only memory, written once at start.
#pragma once

#include <atomic>
#include <cstdint>

#include "shim/policy/policy.h"

namespace sockopt {

inline constexpr char kRegionNoteName[8] = "sockopt";
inline constexpr std::uint32_t kRegionNote = 1;

/// Shared by the processes of a tree: forked children do not repeat messages.
struct SharedState {
  std::atomic<std::uint64_t> refused;  ///< an OptionSet: said to have been refused
  std::atomic<bool> socket_seen;       ///< a TCP socket was seen
};

/// Differs if a Policy of another build would be misread.
constexpr std::uint32_t policy_layout() {
  std::uint32_t hash = 2166136261;  // FNV-1a
  const auto add = [&hash](std::uint64_t number) {
    for (int i = 0; i < 8; ++i) {
      hash = (hash ^ static_cast<std::uint32_t>(number >> (8 * i) & 0xff)) * 16777619;
    }
  };
  for (const std::size_t size : {sizeof(Policy), sizeof(Rule), sizeof(Setting), sizeof(Option),
                                 sizeof(ProgramPattern), sizeof(AddressPattern)}) {
    add(size);
  }
  for (const Option& option : kOptions) {
    for (const char c : option.key.characters) add(static_cast<unsigned char>(c));
  }
  return hash;
}

// Only ever extended at its end: another version may read it.
struct Region {
  static constexpr char kMagic[8] = "sockopt";

  char magic[8];
  char version[16];             ///< of the library; ended by NUL
  std::uint32_t size;           ///< of this structure
  std::uint32_t layout;         ///< policy_layout()
  std::uint32_t policy_offset;  ///< from the region's begin
  std::uint32_t policy_size;
  std::uint32_t faults;  ///< faults of the configuration, when it was read
  std::uint32_t unused;
  std::uint64_t shared;  ///< address of the SharedState, 0 for none
  /// Address of a 32-bit word: not 0 once the hooks are disabled.
  std::uint64_t hooks_disabled;
};

}  // namespace sockopt
