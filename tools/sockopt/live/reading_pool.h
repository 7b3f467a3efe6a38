// SPDX-License-Identifier: MIT
//
// What many sockets hold for many options, in little memory. A reading is seventy bytes, of which
// mostly four are the value, and most connections of a server hold the same: each combination is
// kept once, as it came from the kernel.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "shim/options/option_set.h"
#include "tools/inspect/foreign_socket.h"

namespace sockopt {

class ReadingPool {
 public:
  using Id = std::uint32_t;

  /// The readings of one socket: any number of `add`, then `finish`.
  void add(OptionId option, const OptionReading& reading);
  Id finish();

  /// Calls `visit(option, reading)` with each, in the order in which they were added.
  template <typename Visit>
  void for_each(Id id, const Visit& visit) const {
    const std::string& packed = *packed_[id];
    for (std::size_t at = 0; at < packed.size();) {
      const OptionReading reading = unpack(packed, at + 1);
      visit(static_cast<OptionId>(packed[at]), reading);
      at += packed_size(packed, at);
    }
  }

  /// ENODATA for an option that was not read.
  OptionReading find(Id id, OptionId option) const;

  /// How many different combinations there are.
  std::size_t size() const { return packed_.size(); }

 private:
  static std::size_t packed_size(const std::string& packed, std::size_t at);
  static OptionReading unpack(const std::string& packed, std::size_t at);

  std::string current_;
  std::unordered_map<std::string, Id> ids_;
  std::vector<const std::string*> packed_;  // the keys of ids_, which stay where they are
};

}  // namespace sockopt
