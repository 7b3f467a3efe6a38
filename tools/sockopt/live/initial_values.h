// SPDX-License-Identifier: MIT
//
// What a socket holds before anybody has set anything, on this host: read from sockets of our own.
// What differs from it somebody has set; who did, the kernel does not record.
#pragma once

#include <array>
#include <map>
#include <tuple>

#include "shim/options/table.h"
#include "tools/inspect/foreign_socket.h"

namespace sockopt {

class InitialValues {
 public:
  InitialValues();

  bool is_initial(OptionId option, const SocketFacts& facts, const Value& held) const;

  /// Whether somebody has set what was read: a buffer, whatever its size, unless the kernel tunes
  /// it.
  bool is_set(OptionId option, const SocketFacts& facts, const OptionReading& held) const;
  /// The same of a raw one, which is in no table.
  bool is_set(const Option& raw, const SocketFacts& facts, const OptionReading& held);

 private:
  using Readings = std::array<OptionReading, kOptionCount>;

  Readings ipv4_;
  Readings ipv6_;
  std::map<std::tuple<int, int, int>, OptionReading> raw_;  // by family, level and name
};

}  // namespace sockopt
