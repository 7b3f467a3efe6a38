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

  /// ENODATA for an option that was not read.
  OptionReading find(Id id, OptionId option) const;

  /// How many different combinations there are.
  std::size_t size() const { return packed_.size(); }

 private:
  std::string current_;
  std::unordered_map<std::string, Id> ids_;
  std::vector<const std::string*> packed_;  // the keys of ids_, which stay where they are
};

}  // namespace sockopt
