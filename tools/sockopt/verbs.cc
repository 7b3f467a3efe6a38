// SPDX-License-Identifier: MIT
#include "tools/sockopt/verbs.h"

#include <vector>

#include "shim/options/suggestion.h"

namespace sockopt {
namespace {

constexpr const Verb* kVerbs[] = {&kShowVerb,    &kDoctorVerb,  &kCheckVerb,  &kExplainVerb,
                                  &kOptionsVerb, &kHelpVerb,    &kRunVerb,    &kApplyVerb,
                                  &kEnableVerb,  &kDisableVerb, &kAttachVerb, &kDetachVerb,
                                  &kWatchVerb,   &kPodsVerb,    &kExportVerb};

}  // namespace

std::span<const Verb* const> verbs() { return kVerbs; }

const Verb* find_verb(std::string_view name) {
  for (const Verb* verb : kVerbs) {
    if (verb->name == name) return verb;
  }
  return nullptr;
}

std::string_view suggest_verb(std::string_view unknown) {
  std::vector<std::string_view> names;
  for (const Verb* verb : kVerbs) names.push_back(verb->name);
  return nearest(unknown, names);
}

}  // namespace sockopt
