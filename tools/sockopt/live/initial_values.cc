// SPDX-License-Identifier: MIT
#include "tools/sockopt/live/initial_values.h"

#include <cerrno>

#include "tools/inspect/option_reading.h"
#include "tools/inspect/unique_fd.h"

namespace sockopt {
namespace {

void read_all(int family, std::array<OptionReading, kOptionCount>& readings) {
  const UniqueFd probe(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  for (OptionId id = 0; id < kOptionCount; ++id) {
    const KernelName name = deciding_name(kOptions[id], {.domain = family});
    readings[id] =
        name.exists() ? read_raw_option(probe.get(), name) : OptionReading{.error = ENOPROTOOPT};
  }
}

}  // namespace

InitialValues::InitialValues() {
  read_all(AF_INET, ipv4_);
  read_all(AF_INET6, ipv6_);
}

bool InitialValues::is_initial(OptionId option, const SocketFacts& facts, const Value& held) const {
  const bool speaks_ipv6 = facts.domain == AF_INET6 && !facts.local.is_v4_mapped();
  const OptionReading& initial = (speaks_ipv6 ? ipv6_ : ipv4_)[option];
  return !initial || initial.value == held;
}

}  // namespace sockopt
