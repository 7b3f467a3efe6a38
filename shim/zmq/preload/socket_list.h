// SPDX-License-Identifier: MIT
//
// The list of this process's ZeroMQ sockets, of fixed size: nothing is allocated or locked to keep
// it, and whoever reads it from outside may find an entry half written. In a forked child it is
// empty: a context does not survive a fork, and neither does what is said of its sockets.
#pragma once

#include "shim/zmq/preload/region.h"

namespace sockopt::zmq {

class SocketList {
 public:
  struct Memory {
    Entry entries[Region::kMostEntries];
    std::atomic<std::uint64_t> left_out;
  };

  /// Null: nothing is remembered.
  explicit SocketList(Memory* memory) : memory_(memory) {}

  void add(void* socket, int type, Use use, const char* endpoint) const;
  /// What the socket had at this endpoint.
  void remove(void* socket, const char* endpoint) const;
  void remove(void* socket) const;

 private:
  template <typename Matches>
  void remove_where(void* socket, const Matches& matches) const;

  Memory* memory_;
};

}  // namespace sockopt::zmq
