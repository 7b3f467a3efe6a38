// SPDX-License-Identifier: MIT
#include "tools/sockopt/live/dry_run.h"

#include <cerrno>

#include "tools/inspect/network_namespace.h"
#include "tools/sockopt/live/probe.h"

namespace sockopt {
namespace {

// A new socket is not a listener: what else it refuses says nothing of one.
bool tells(int refusal) {
  switch (refusal) {
    case EPERM:
    case EACCES:
    case ENOENT:
    case ENODEV:
    case ENOPROTOOPT:
    case EOPNOTSUPP:
      return true;
    default:
      return false;
  }
}

}  // namespace

int Refusals::of(const Setting& setting, bool ipv6) const {
  const auto known = known_.find({&setting, ipv6});
  return known == known_.end() ? 0 : known->second;
}

void DryRun::prepare(const ForeignProcess& process, NetNamespaces::Id space, const Policy& policy,
                     OptionSet options) {
  Refusals& refusals = by_namespace_[space];
  in_network_namespace(process, [&] {
    for (const Setting& setting : policy) {
      const Option& option = policy.option(setting.option);
      if (!options.contains(setting.option) || setting.keeps_default) continue;
      if (option.kind == Kind::kBacklog) continue;  // that would listen
      for (const bool ipv6 : {false, true}) {
        const auto [known, is_new] = refusals.known_.try_emplace({&setting, ipv6}, 0);
        if (!is_new) continue;
        const int refusal = probe_value(option, setting.value, ipv6).refusal;
        if (tells(refusal)) known->second = refusal;
      }
    }
  });
}

}  // namespace sockopt
