// SPDX-License-Identifier: MIT
//
// What is shown of a census, in words that the table, JSON and metrics have in common.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tools/sockopt/diagnosis/engine_reach.h"
#include "tools/sockopt/live/census.h"
#include "tools/sockopt/live/initial_values.h"

namespace sockopt {

enum class Order : std::uint8_t { kAddress, kDrops, kQueue, kProgram, kCount };

struct TableForm {
  bool each = false;            ///< a line for each socket, with its peer
  bool wide = false;            ///< all that is known, in lines as long as they come
  bool drops = false;           ///< only listeners that dropped connections
  bool names_targets = false;   ///< these processes were asked about, and not all that there are
  bool has_zmq_policy = false;  ///< one of them has settings for ZeroMQ's sockets
  std::optional<Order> order{};
};

/// `nginx(812)`, `nginx(812..816)`, `nginx(812+4)`: the first and how many more; different programs
/// one after the other. With `all`, every number.
std::string owners_text(const Census& census, const std::vector<std::uint32_t>& processes,
                        bool all);

/// As in sockopt.ini, or `unset`; `?` for what could not be read.
std::string held_text(const Option& option, const OptionReading& reading);

/// `backlog is 511, wants 4096 (16384 cut: net.core.somaxconn) from sockopt.ini:12 [web]`, for each
/// option that differs, and why it does as far as can be told; empty where none does.
std::string drift_text(Census& census, const InitialValues& initial, const CensusSocket& socket);

/// The files and variables that policies are from: `/etc/sockopt.ini`; empty where they ask for
/// nothing.
std::string sources_text(const std::vector<const Policy*>& policies);

/// The name of the state, as ss(8) abbreviates it.
std::string_view state_text(const CensusSocket& socket);

/// `sockopt.ini:3..6`, `sockopt.ini:3,9`: lines of each file; 0 is no line of one.
std::string places_text(const std::map<std::string, std::set<std::uint32_t>>& lines);

/// What `attach` has attached to the cgroup of a process; null: nothing.
const Attachment* attached_to(const EngineReach& engine, const CensusProcess& process);

}  // namespace sockopt
