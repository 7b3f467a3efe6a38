// SPDX-License-Identifier: MIT
//
// Ten thousand connections of one server are one line, as long as they hold the same: sockets of
// one program, in one state, on one listener or to one peer, with the same values for the options
// that are shown, are a group.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "tools/sockopt/live/census.h"

namespace sockopt {

struct SocketGroup {
  const CensusSocket* first = nullptr;
  std::size_t count = 0;
  std::vector<std::uint32_t> processes{};  ///< all owners, by index in the census, in its order
  std::set<std::uint32_t> holders{};       ///< of those, one for each socket
  std::uint32_t queue = 0;                 ///< of listeners, the longest
  std::optional<ListenDrops> drops{};      ///< of all together, as far as it is counted
};

struct Grouping {
  OptionSet options;  ///< that members have in common
  bool each = false;  ///< a group of its own for every socket
};

/// Listeners first, by port; then connections, by program.
std::vector<SocketGroup> group_sockets(const Census& census, const Grouping& grouping);

/// The end by which a group is known: of accepted connections where their listener is bound, of
/// clients their peer, of others their own.
const Endpoint& shown_end(const CensusSocket& socket);

/// Whether the kernel changes the option on such a socket by itself, so that its value tells
/// nothing of what was set (a buffer that is tuned, the CPU of the last packet).
bool changes_by_itself(OptionId option, const CensusSocket& socket, const OptionReading& held);

}  // namespace sockopt
