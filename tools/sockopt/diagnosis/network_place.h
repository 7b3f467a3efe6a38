// SPDX-License-Identifier: MIT
//
// Where the sysctls are set that bound a process's sockets: on the host, in a network namespace of
// its own, or by whoever made the container that it runs in.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

namespace sockopt {

enum class Container { kNone, kDocker, kPodman, kPod, kLxc, kNspawn };

/// From the lines of /proc/PID/cgroup.
Container container_of(std::string_view cgroup);

/// `a Docker container`; empty for none.
std::string_view container_words(Container container);

/// The one that this command runs in.
Container own_container();

struct NetworkPlace {
  bool own_network = false;  ///< not the one that this command is in
  pid_t pid = 0;             ///< a process in it; 0: this command's own
  Container container = Container::kNone;

  /// ` in its network namespace`, or nothing.
  std::string_view where() const { return own_network ? " in its network namespace" : ""; }

  /// What sets a sysctl of this network namespace.
  std::string set(std::string_view sysctl, std::string_view value) const;
  /// What sets a sysctl that all network namespaces share.
  std::string set_shared(std::string_view sysctl, std::string_view value) const;
};

/// Of this command.
NetworkPlace own_network_place();

}  // namespace sockopt
