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
  if (!initial || initial.value == held) return true;
  // Turned off again, it keeps its seconds.
  const Option& row = kOptions[option];
  return row.kind == Kind::kLinger &&
         held_value_text(row, initial.value) == held_value_text(row, held);
}

bool InitialValues::is_set(OptionId option, const SocketFacts& facts,
                           const OptionReading& held) const {
  if (!held) return false;
  return held.tuned ? !*held.tuned : !is_initial(option, facts, held.value);
}

bool InitialValues::is_set(const Option& raw, const SocketFacts& facts, const OptionReading& held) {
  const KernelName name = deciding_name(raw, facts);
  const auto [known, is_new] = raw_.try_emplace({facts.domain, name.level, name.name});
  if (is_new) {
    const UniqueFd probe(::socket(facts.domain, SOCK_STREAM | SOCK_CLOEXEC, 0));
    known->second = read_raw_option(probe.get(), name);
  }
  return held && known->second && !(known->second.value == held.value);
}

}  // namespace sockopt
