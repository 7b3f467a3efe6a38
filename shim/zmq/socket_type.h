// SPDX-License-Identifier: MIT
//
// ZeroMQ's kinds of sockets, by the names of zmq_socket(3) in lower case, and sets of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "shim/text/fixed_text.h"
#include "shim/text/text.h"

namespace sockopt::zmq {

/// As zmq_socket(3) takes it. The numbers are libzmq's ABI; those from `server` on are of its
/// drafts.
inline constexpr FixedText<8> kTypeNames[] = {
    "pair",  "pub",  "sub",    "req",     "rep",    "dealer", "router",
    "pull",  "push", "xpub",   "xsub",    "stream", "server", "client",
    "radio", "dish", "gather", "scatter", "dgram",  "peer",   "channel"};
inline constexpr std::size_t kTypeCount = std::size(kTypeNames);

/// A bit for each type.
using TypeSet = std::uint32_t;
inline constexpr TypeSet kAllTypes = (TypeSet{1} << kTypeCount) - 1;
constexpr TypeSet type_bit(std::size_t type) { return TypeSet{1} << type; }

/// In whatever case; kTypeCount where there is no such name.
constexpr std::size_t find_type(std::string_view name) {
  std::size_t type = 0;
  while (type < kTypeCount && !equals_ignoring_case(kTypeNames[type].view(), name)) ++type;
  return type;
}

}  // namespace sockopt::zmq
