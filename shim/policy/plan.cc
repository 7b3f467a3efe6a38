// SPDX-License-Identifier: MIT
#include "shim/policy/plan.h"

#include "shim/options/lookup.h"

namespace sockopt {

void Plan::decide(const Policy& policy) {
  for (const Setting& setting : policy) {
    chosen_[setting.option] = setting.keeps_default ? nullptr : &setting;
  }
  backlog_ = find_option("backlog");
  for (OptionId id = 0; id < policy.option_count(); ++id) {
    if (chosen_[id] == nullptr) continue;
    wanted_.add(id);
    for (std::size_t moment = 0; moment < kMoments; ++moment) {
      if ((policy.option(id).moments >> moment & 1) != 0) at_[moment].add(id);
    }
  }
  // The backlog is no socket option: it is raised in listen's argument.
  for (OptionSet& set : at_) set.remove(backlog_);
}

OptionSet Plan::at_or_before(Moment moment) const {
  switch (moment) {
    case kBeforeBind:
      return at(kAtSocket) | at(kBeforeBind);
    case kBeforeListen:
      return at(kAtSocket) | at(kBeforeListen);
    case kBeforeConnect:
      return at(kAtSocket) | at(kBeforeConnect);
    default:
      return at(moment);
  }
}

}  // namespace sockopt
