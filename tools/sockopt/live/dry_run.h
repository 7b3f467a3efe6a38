// SPDX-License-Identifier: MIT
//
// What the kernel would refuse is found out on sockets of our own: what depends on who asks, and on
// what this kernel has, is the same there. Devices and congestion controls are those of a network
// namespace, so it is tried in that of the process; and beforehand, as entering it takes its time.
#pragma once

#include <map>
#include <utility>

#include "shim/policy/policy.h"
#include "tools/inspect/foreign_process.h"
#include "tools/sockopt/live/net_namespaces.h"

namespace sockopt {

/// The errno of setsockopt for settings on sockets of one namespace; 0 where it would be taken.
class Refusals {
 public:
  int of(const Setting& setting, bool ipv6) const;

 private:
  friend class DryRun;
  std::map<std::pair<const Setting*, bool>, int> known_;
};

class DryRun {
 public:
  /// Tries the policy's settings for these options in the namespace of the process.
  void prepare(const ForeignProcess& process, NetNamespaces::Id space, const Policy& policy,
               OptionSet options);

  /// Of a namespace in which nothing could be tried, nothing is expected.
  const Refusals& refusals(NetNamespaces::Id space) { return by_namespace_[space]; }

 private:
  std::map<NetNamespaces::Id, Refusals> by_namespace_;
};

}  // namespace sockopt
