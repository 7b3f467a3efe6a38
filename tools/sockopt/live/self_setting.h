// SPDX-License-Identifier: MIT
//
// Programs that set an option on each connection after accept (redis 300 s of keepalive, Go 15 s)
// will do so again, whatever their listener has by then. The kernel does not tell who set a value,
// but there is evidence: a connection that holds what it cannot have from its listener, which is
// neither what was asked for nor what every new socket has. Where there is no connection, it is
// told what is known of the program, or that nothing could be seen.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tools/inspect/foreign_socket.h"
#include "tools/sockopt/live/drift.h"
#include "tools/sockopt/live/initial_values.h"
#include "tools/sockopt/live/live_change.h"
#include "tools/sockopt/live/self_setters.h"

namespace sockopt {

struct SelfSetting {
  std::string program;
  OptionId option = 0;
  OptionReading value{};             ///< what it sets
  const Setting* setting = nullptr;  ///< what the policy wants
  std::size_t connections = 0;       ///< of those that were looked at
  std::size_t looked_at = 0;
  std::set<Endpoint> listeners{};  ///< of which no connection could be looked at
};

/// What a program may set itself, on connections of listeners that have none.
struct UnknownSettings {
  std::set<OptionId> options;
  std::set<Endpoint> listeners;
};

class SelfSettings {
 public:
  /// A listener of a program, what is known of that, and what was done to it. What the library in
  /// it enforces, the program cannot set.
  void see_listener(std::uint64_t net_namespace, const Endpoint& address,
                    const std::string& program, std::span<const KnownSetting> known,
                    const Expected& expected, OptionSet enforced,
                    const std::vector<OptionChange>& changes);

  /// Whether another connection of this listener would tell more.
  bool wants(std::uint64_t net_namespace, const Endpoint& listener) const;

  /// A connection, before anything is done to it.
  void see_connection(std::uint64_t net_namespace, const Endpoint& listener,
                      const std::string& program, const ForeignSocket& socket);

  const std::vector<SelfSetting>& found() const { return found_; }
  /// Of changed listeners without a connection: what is known, with none looked at.
  std::vector<SelfSetting> predicted() const;
  /// Of those, programs of which nothing is known, with the options that were changed.
  std::map<std::string, UnknownSettings> unknown() const;

 private:
  struct Listener {
    std::vector<std::pair<const Setting*, Value>> held;  ///< before, by option
    std::size_t looked_at = 0;
    std::vector<std::size_t> found{};  ///< in found_
    std::string program{};
    std::span<const KnownSetting> known{};
    std::set<OptionId> changed{};  ///< of those that would show on a connection
  };

  void count(Listener& listener, const std::string& program, const Setting& setting,
             const OptionReading& reading);

  std::map<std::pair<std::uint64_t, Endpoint>, Listener> listeners_;
  InitialValues initial_;
  std::vector<SelfSetting> found_;
};

}  // namespace sockopt
