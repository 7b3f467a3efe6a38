// SPDX-License-Identifier: MIT
//
// The sysctls, names and privileges that bound the options which are asked for. A sysctl that
// bounds nothing of the policy is not mentioned.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "tools/inspect/host.h"
#include "tools/sockopt/diagnosis/network_place.h"
#include "tools/sockopt/diagnosis/wanted.h"
#include "tools/sockopt/report/finding.h"

namespace sockopt {

/// With `capabilities` the effective ones of the process that is to set the options; nothing where
/// it is not known which process that will be.
Findings examine_bounds(const std::vector<Wanted>& wanted, const Host& host,
                        const NetworkPlace& place, std::optional<std::uint64_t> capabilities);

/// What the kernel tells of an option: 0, or the errno of getsockopt.
using OptionProbe = int (*)(const Option& option);
int probe_option(const Option& option);

/// Options that this kernel does not have.
Findings examine_kernel(const std::vector<Wanted>& wanted, std::string_view release,
                        OptionProbe probe);

}  // namespace sockopt
