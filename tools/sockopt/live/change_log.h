// SPDX-License-Identifier: MIT
//
// What `apply` did, kept as plain data until every duplicate is closed: sockets that had the same
// done to them stand together, as there may be tens of thousands of them.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "tools/inspect/endpoint.h"
#include "tools/sockopt/live/live_change.h"

namespace sockopt {

struct SocketOwner {
  pid_t pid = 0;
  int fd = -1;
};

struct ChangedSocket {
  std::uint64_t cookie = 0;
  std::vector<SocketOwner> owners;  ///< of a connection only the first that was met
  Endpoint peer{};
};

/// Sockets of one program, with the same done to each.
struct ChangeGroup {
  SocketRole role = SocketRole::kListener;
  int state = 0;
  /// Of a listener, and of connections accepted on it, where that is bound; of a client, its peer.
  Endpoint address{};
  std::string program;
  std::string unit;
  const Policy* policy = nullptr;  ///< whose settings these are
  bool is_held = false;            ///< the library in the process holds it
  std::vector<OptionChange> changes;
  std::vector<ChangedSocket> sockets;

  bool has(Outcome outcome) const;
  bool has_failure() const;
};

class ChangeLog {
 public:
  /// A socket with something done to it, or tried. `group` is without sockets.
  void add(ChangeGroup group, ChangedSocket socket);
  void add_owner(std::uint64_t cookie, SocketOwner owner);
  /// A socket that holds what was asked for.
  void add_settled() { ++settled_; }
  void add_left_alone() { ++left_alone_; }
  /// A socket that nothing is asked for.
  void add_unconcerned() { ++unconcerned_; }
  /// A socket that takes nothing of what is asked for.
  void add_unsuited() { ++unsuited_; }

  /// Listeners first, in the order in which they were met.
  const std::vector<ChangeGroup>& groups() const { return groups_; }
  std::size_t changed() const;  ///< sockets that hold all that was asked for now
  std::size_t failed() const;   ///< sockets that do not, whatever else they hold now
  std::size_t in_part() const;  ///< of these, those that were changed all the same
  std::size_t kept() const;     ///< sockets that keep a longer backlog, and hold all else
  std::size_t settled() const { return settled_; }
  std::size_t left_alone() const { return left_alone_; }
  std::size_t unconcerned() const { return unconcerned_; }
  std::size_t unsuited() const { return unsuited_; }
  /// All that were meant.
  std::size_t selected() const {
    return changed() + failed() + kept() + settled_ + unconcerned_ + unsuited_;
  }

 private:
  template <typename Counts>
  std::size_t count(const Counts& counts) const;

  struct Place {
    std::size_t group;
    std::size_t socket;
  };

  std::vector<ChangeGroup> groups_;
  std::unordered_map<std::string, std::size_t> by_content_;
  std::unordered_map<std::uint64_t, Place> listener_places_;
  std::size_t settled_ = 0;
  std::size_t left_alone_ = 0;
  std::size_t unconcerned_ = 0;
  std::size_t unsuited_ = 0;
};

}  // namespace sockopt
