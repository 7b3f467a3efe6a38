// SPDX-License-Identifier: MIT
//
// What a socket holds before anybody has set anything, on this host: read from sockets of our own.
#pragma once

#include <array>

#include "shim/options/table.h"
#include "tools/inspect/foreign_socket.h"

namespace sockopt {

class InitialValues {
 public:
  InitialValues();

  bool is_initial(OptionId option, const SocketFacts& facts, const Value& held) const;

 private:
  using Readings = std::array<OptionReading, kOptionCount>;

  Readings ipv4_;
  Readings ipv6_;
};

}  // namespace sockopt
