// SPDX-License-Identifier: MIT
//
// New listeners of cgroups, as the kernel tells of them: one program, linked to each cgroup for as
// long as this object lives, and a ring buffer. Nothing is pinned: the kernel takes all of it back
// with the process, however that ends.
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
#include "tools/sockopt/bpf/listen_event.h"
#include "tools/sockopt/report/finding.h"

struct listen_programs;
struct ring_buffer;

namespace sockopt {

class ListenEvents {
 public:
  static std::variant<std::unique_ptr<ListenEvents>, Finding> open();
  ~ListenEvents();
  ListenEvents(const ListenEvents&) = delete;
  ListenEvents& operator=(const ListenEvents&) = delete;

  /// From now on tells of listeners of this cgroup and of those below it.
  std::optional<Finding> add(std::uint64_t cgroup, const std::string& directory);
  /// No longer of others.
  void keep_only(const std::set<std::uint64_t>& cgroups);

  /// To be polled.
  int fd() const;
  /// What has come since it was asked last.
  std::vector<listen_event> take();
  /// How many did not get through so far.
  std::uint64_t lost() const;

 private:
  ListenEvents() = default;
  static int receive(void* self, void* bytes, std::size_t size);

  listen_programs* programs_ = nullptr;
  ring_buffer* ring_ = nullptr;
  std::map<std::uint64_t, UniqueFd> links_;
  std::vector<listen_event> taken_;
  std::uint64_t malformed_ = 0;
};

}  // namespace sockopt
