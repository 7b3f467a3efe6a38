// SPDX-License-Identifier: MIT
#include "tools/sockopt/verbs/show/fix.h"

#include <cstdint>

#include "tools/sockopt/live/live_change.h"

namespace sockopt {
namespace {

// What `apply` would do for a process, by the policy that it goes by.
enum class Answer { kApplies, kNothing, kRefuses };

Answer answer_for(Census& census, const CensusProcess& process, const EffectivePolicy& effective,
                  const PolicySources& sources) {
  const PolicyPool::Holding& holding = process.holding;
  const bool own = !sources.given() && holding.is_held;
  if (own ? !holding.faults.empty() : !effective.faults().empty()) return Answer::kRefuses;
  // Its files may ask for nothing any more.
  const bool nothing = own && holding.now && census.policies().possible(*holding.now).empty();
  return nothing ? Answer::kNothing : Answer::kApplies;
}

std::vector<std::string> command_for(const TargetQuery& query, const PolicySources& sources,
                                     const std::set<pid_t>& pids, bool all, bool connections) {
  std::vector<std::string> words = {"sockopt", "apply"};
  if (connections) words.emplace_back("--established");
  for (std::string& word : policy_words(sources)) words.push_back(std::move(word));
  if (!all || (query.words.empty() && query.units.empty())) {
    for (const pid_t pid : pids) words.push_back(std::to_string(pid));
    return words;
  }
  if (query.all_namespaces) words.emplace_back("--all-namespaces");
  for (const std::string& unit : query.units) words.insert(words.end(), {"-u", unit});
  words.insert(words.end(), query.words.begin(), query.words.end());
  return words;
}

}  // namespace

Fix fix_for(Census& census, const std::vector<SocketGroup>& groups, const TargetQuery& query,
            const EffectivePolicy& effective, const PolicySources& sources) {
  Fix fix;
  std::set<pid_t> pids;
  bool connections = false;
  bool all = true;
  for (const SocketGroup& group : groups) {
    const CensusSocket& socket = *group.first;
    if (socket.differs.empty()) continue;
    const CensusProcess& process = census.process_of(socket);
    const Answer answer = answer_for(census, process, effective, sources);
    fix.is_barred |= answer == Answer::kRefuses;
    all &= answer == Answer::kApplies;
    if (answer != Answer::kApplies) continue;
    const auto& now = process.holding.now;
    const Policy& policy =
        now ? census.policies().checker(*now).policy() : census.checker_of(socket).policy();
    for (const OptionId id : now ? socket.differs_now : socket.differs) {
      const Option& option = policy.option(id);
      if (!is_settable(option, socket.role)) {
        const bool connects =
            socket.role == SocketRole::kAccepted || socket.role == SocketRole::kClient;
        if (!connects) fix.after_restart.insert(std::string(option.key.view()));
        continue;
      }
      for (const std::uint32_t one : group.holders) pids.insert(census.processes()[one].entry.pid);
      connections |= socket.role != SocketRole::kListener;
    }
  }
  if (!pids.empty()) fix.command = command_for(query, sources, pids, all, connections);
  return fix;
}

}  // namespace sockopt
