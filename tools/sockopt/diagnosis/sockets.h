// SPDX-License-Identifier: MIT
//
// The sockets that a process has now: which of them do not hold what the policy asks of them, which
// rules do not see them, and whether their queues overflow.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tools/inspect/listen_drops.h"
#include "tools/sockopt/live/applied_values.h"
#include "tools/sockopt/live/drift.h"
#include "tools/sockopt/report/finding.h"

namespace sockopt {

/// An option in which sockets differ, on all of them that are alike.
struct DifferingOption {
  std::string key;
  std::string held;
  std::string wanted;
  std::string origin;
  bool enforced = false;
  std::size_t sockets = 0;
  bool is_foreign = false;  ///< the policy of the library there does not ask for it
  bool is_applied = false;  ///< `sockopt apply` has set what it holds
  bool is_refused = false;  ///< the kernel refused it to the library there

  auto operator<=>(const DifferingOption&) const = default;
};

/// A rule that a listener bound otherwise would match.
struct BlindRule {
  std::string rule;  ///< `[rule web]`
  std::string reason;
};

struct ListenerFacts {
  std::string local;
  std::uint32_t queue = 0;
  std::uint32_t limit = 0;
  ListenDrops drops{};
  std::vector<BlindRule> blind_rules;
};

/// What is found on a process's sockets, whatever their number.
class SocketSurvey {
 public:
  /// Policy and plan must outlive it.
  /// `own` is what the process holds, where it is held to another policy; else null.
  SocketSurvey(const Policy& policy, const Plan& plan, const Program& program,
               NamespaceLimits limits, Checker* own = nullptr)
      : checker_(policy, plan), own_(own), program_(program), limits_(limits) {}

  /// What the process would hold if it were started again: what has that is well, too. It must
  /// outlive this.
  void accept_as_well(Checker& now) { now_ = &now; }

  /// What the kernel refused the library in the process.
  void accept_refusals(OptionSet refused) { refused_ = refused; }

  /// One that came before, by another descriptor, is passed over.
  void take(const ForeignSocket& socket, const Endpoint* listener);
  /// After the last one: what the listeners dropped. `counters` are of the namespace with this
  /// cookie; listeners of another one are not told apart.
  void count_drops(const Counters& counters, std::uint64_t net_cookie);

  std::size_t sockets() const { return sockets_; }
  std::size_t checked() const { return checked_; }
  const std::vector<ListenerFacts>& listeners() const { return listeners_; }

  /// By what they are: `LISTEN 0.0.0.0:80`, `connections accepted on 0.0.0.0:80`, `its own
  /// connections`.
  const std::map<std::string, std::vector<DifferingOption>>& differing() const {
    return differing_;
  }

 private:
  void take_listener(const SocketFacts& facts);
  bool holds_as_now(const ForeignSocket& socket, const Endpoint* listener);
  void note(const std::string& group, DifferingOption differing);
  bool is_own(const SocketFacts& facts, const Endpoint* listener, OptionId id,
              const Setting& setting);

  Checker checker_;
  Checker* own_;
  Checker* now_ = nullptr;
  const Program& program_;
  NamespaceLimits limits_;
  AppliedValues applied_;
  OptionSet refused_;
  std::size_t sockets_ = 0;
  std::size_t checked_ = 0;
  std::vector<ListenerFacts> listeners_;
  std::vector<SocketFacts> listening_;  ///< the same ones
  std::set<std::uint64_t> seen_;        ///< cookies
  std::map<std::string, std::vector<DifferingOption>> differing_;
};

struct SurveyContext {
  std::string apply;    ///< `sockopt apply 812`
  bool loaded = false;  ///< the library is at work there
};

Findings examine_sockets(const SocketSurvey& survey, const SurveyContext& context);
/// The two halves of it.
Findings examine_drift(const std::map<std::string, std::vector<DifferingOption>>& differing,
                       const SurveyContext& context);
Findings examine_listeners(const std::vector<ListenerFacts>& listeners);

}  // namespace sockopt
