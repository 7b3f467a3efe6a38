// SPDX-License-Identifier: MIT
#include "tools/sockopt/live/enforcing_library.h"

#include "tools/inspect/process_program.h"
#include "tools/sockopt/policy/setting_text.h"

namespace sockopt {

std::unique_ptr<EnforcingLibrary> EnforcingLibrary::find(const ForeignProcess& process) {
  Result<std::optional<HeldPolicy>> held = read_held_policy(process);
  if (!held || !*held || (*held)->policy == nullptr) return nullptr;
  const auto program = read_program(process);
  if (!program) return nullptr;
  std::unique_ptr<EnforcingLibrary> library(new EnforcingLibrary(std::move(**held)));
  library->program_ = process.entry().name;
  library->plan_.make(*library->held_.policy, (*program)->program);
  return library->plan_.enforceable().empty() ? nullptr : std::move(library);
}

OptionSet EnforcingLibrary::enforced(Side side, const Endpoint& address) const {
  Decision decision;
  plan_.decide(side, address.address_for_rules(), decision);
  return decision.enforced;
}

std::vector<Reversal> EnforcingLibrary::reversals(Side side, const Endpoint& address,
                                                  const Expected& expected, OptionSet taken) const {
  const Policy& policy = *held_.policy;
  Decision decision;
  plan_.decide(side, address.address_for_rules(), decision);
  std::vector<Reversal> found;
  for (const OptionId id : decision.enforced& taken) {
    if (id >= kOptionCount) continue;  // the ids of raw options are each policy's own
    const Setting& theirs = *decision.settings[id];
    if (theirs.value == expected.decision.settings[id]->value) continue;
    found.push_back({program_, id, value_text(policy, theirs), place_text(policy, theirs)});
  }
  return found;
}

}  // namespace sockopt
