// SPDX-License-Identifier: MIT
//
// The ZeroMQ sockets of a process, for readers from outside: `sockopt show`. libsockopt-zmq.so has
// a note as libsockopt.so has (shim/preload/region.h), of type kZmqRegionNote, that leads to a
// pointer to the Region; null if there is none.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace sockopt::zmq {

inline constexpr std::uint32_t kZmqRegionNote = 2;

enum class Use : std::uint8_t { kCreated, kBound, kConnected };

/// What one socket was used for: created, or an endpoint of it.
struct Entry {
  static constexpr std::size_t kLongestEndpoint = 118;

  std::atomic<std::uintptr_t> socket;  ///< the program's pointer; 0: the entry is free
  std::uint8_t type;
  Use use;
  char endpoint[kLongestEndpoint];  ///< as libzmq gives it; ended by NUL, cut where it is longer
};

// Only ever extended at its end: another version may read it.
struct Region {
  static constexpr char kMagic[8] = "sockzmq";
  static constexpr std::size_t kMostEntries = 1024;

  char magic[8];
  char version[16];           ///< of the library; ended by NUL
  std::uint32_t size;         ///< of this structure
  std::uint32_t entry_size;   ///< of an Entry
  std::uint32_t entry_count;  ///< how many there are at `entries`
  std::uint32_t settings;     ///< of the configuration, for this program or not
  std::uint64_t entries;      ///< their address
  std::uint64_t left_out;     ///< address of a 64-bit word: uses that found no free entry
};

}  // namespace sockopt::zmq
