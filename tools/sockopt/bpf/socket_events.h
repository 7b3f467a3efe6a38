// SPDX-License-Identifier: MIT
//
// New listeners of cgroups, and where they are asked for connections, as the kernel tells of them:
// programs that are linked to each cgroup for as long as this object lives, and a ring buffer.
// Nothing is pinned: the kernel takes all of it back with the process, however that ends.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "tools/inspect/unique_fd.h"
#include "tools/sockopt/bpf/socket_event.h"
#include "tools/sockopt/report/finding.h"

struct watch_programs;
struct ring_buffer;

namespace sockopt {

class SocketEvents {
 public:
  static std::variant<std::unique_ptr<SocketEvents>, Finding> open();
  ~SocketEvents();
  SocketEvents(const SocketEvents&) = delete;
  SocketEvents& operator=(const SocketEvents&) = delete;

  /// From now on tells of listeners of this cgroup and of those below it, and of connections that
  /// are made there or not.
  std::optional<Finding> add(std::uint64_t cgroup, const std::string& directory, bool connections);
  /// No longer of others.
  void keep_only(const std::set<std::uint64_t>& cgroups);

  /// To be polled.
  int fd() const;
  /// What has come since it was asked last.
  std::vector<socket_event> take();
  /// Of how many listeners, and of how many connections, it was not told so far.
  std::uint64_t lost() const;
  std::uint64_t lost_connections() const;

 private:
  SocketEvents() = default;
  static int receive(void* self, void* bytes, std::size_t size);

  watch_programs* programs_ = nullptr;
  ring_buffer* ring_ = nullptr;
  struct Links {
    UniqueFd listen, connect;
  };
  std::map<std::uint64_t, Links> links_;
  std::vector<socket_event> taken_;
  std::uint64_t malformed_ = 0;
};

}  // namespace sockopt
