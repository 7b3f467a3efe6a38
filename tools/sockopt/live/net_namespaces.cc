// SPDX-License-Identifier: MIT
#include "tools/sockopt/live/net_namespaces.h"

#include <algorithm>

#include "tools/inspect/host.h"
#include "tools/inspect/network_namespace.h"

namespace sockopt {
namespace {

NetNamespace look_into(const ForeignProcess& process, std::uint64_t inode) {
  NetNamespace space{.inode = inode};
  // Where it may not be entered, nothing but its inode is known.
  in_network_namespace(process, [&] {
    space.limits.somaxconn = read_somaxconn();
    space.cookie = own_net_cookie();
  });
  return space;
}

}  // namespace

NetNamespaces::Id NetNamespaces::of(const ForeignProcess& process) {
  const Result<std::uint64_t> inode = process.namespace_inode("net");
  const auto id_of = [&](auto known) { return static_cast<Id>(known - all_.begin()); };
  const auto add = [&](const NetNamespace& space) {
    all_.push_back(space);
    return static_cast<Id>(all_.size() - 1);
  };
  const auto known = std::find_if(all_.begin(), all_.end(), [&](const NetNamespace& space) {
    return inode ? space.inode == *inode : space.inode == 0 && space.cookie == 0;
  });
  if (known != all_.end()) return id_of(known);
  if (!inode) return add({});
  const NetNamespace space = look_into(process, *inode);
  // A socket of it may have been met before.
  const auto by_cookie = std::find_if(all_.begin(), all_.end(), [&](const NetNamespace& other) {
    return space.cookie != 0 && other.cookie == space.cookie;
  });
  if (by_cookie == all_.end()) return add(space);
  *by_cookie = space;
  return id_of(by_cookie);
}

NetNamespaces::Id NetNamespaces::of(const SocketFacts& socket, Id home) {
  const std::uint64_t cookie = socket.net_cookie;
  if (cookie == 0 || all_[home].cookie == cookie) return home;
  const auto known = std::find_if(
      all_.begin(), all_.end(), [&](const NetNamespace& space) { return space.cookie == cookie; });
  if (known != all_.end()) return static_cast<Id>(known - all_.begin());
  // Of one that could not be entered nothing tells its sockets from those of a third.
  if (all_[home].cookie == 0) return home;
  all_.push_back({.cookie = cookie});
  return static_cast<Id>(all_.size() - 1);
}

}  // namespace sockopt
