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

std::vector<Reversal> EnforcingLibrary::reversals(Side side, const Endpoint& address,
                                                  const std::vector<OptionChange>& changes) const {
  const Policy& policy = *held_.policy;
  Decision decision;
  plan_.decide(side, address.address_for_rules(), decision);
  std::vector<Reversal> found;
  for (const OptionChange& change : changes) {
    // The ids of raw options are each policy's own.
    if (change.outcome != Outcome::kChanged || change.option >= kOptionCount) continue;
    if (!decision.enforced.contains(change.option)) continue;
    const Setting& theirs = *decision.settings[change.option];
    if (theirs.value == change.setting->value) continue;
    found.push_back(
        {program_, change.option, value_text(policy, theirs), place_text(policy, theirs)});
  }
  return found;
}

}  // namespace sockopt
