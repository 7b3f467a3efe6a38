// SPDX-License-Identifier: MIT
#include "tools/sockopt/diagnosis/sockets.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "tools/inspect/option_reading.h"
#include "tools/sockopt/policy/explanation.h"
#include "tools/sockopt/policy/setting_text.h"

namespace sockopt {
namespace {

constexpr std::size_t kMostShown = 6;

std::string group_of(const SocketFacts& facts, SocketRole role, const Endpoint* listener) {
  switch (role) {
    case SocketRole::kListener:
      return "LISTEN " + facts.local.text();
    case SocketRole::kAccepted:
      return "connections accepted on " + listener->text();
    case SocketRole::kClient:
      return "outgoing connections";
    case SocketRole::kUnconnected:
      return "unconnected sockets";
  }
  return {};
}

std::string options_text(const std::vector<DifferingOption>& options) {
  std::string text;
  for (std::size_t i = 0; i < std::min(options.size(), kMostShown); ++i) {
    const DifferingOption& option = options[i];
    text += fmt::format("{}{} is {}, not {} of {}", i == 0 ? "" : "; ", option.key, option.held,
                        option.wanted, option.origin);
    if (option.sockets > 1) text += fmt::format(" ({} sockets)", option.sockets);
  }
  if (options.size() > kMostShown)
    text += fmt::format("; and {} more", options.size() - kMostShown);
  return text;
}

}  // namespace

void SocketSurvey::take(const ForeignSocket& socket, const Endpoint* listener) {
  const SocketFacts& facts = socket.facts();
  if (!seen_.insert(facts.cookie != 0 ? facts.cookie : facts.inode).second) return;
  ++sockets_;
  if (facts.listening) take_listener(facts);
  const Expected& expected = checker_.expect(facts, listener);
  const std::string group = group_of(facts, expected.role, listener);
  std::vector<DifferingOption> differing;
  bool checked = false;
  for (const OptionId id : expected.options) {
    const Option& option = checker_.policy().option(id);
    const OptionReading held = read_option(socket, option);
    const CheckResult result = checker_.check(expected, id, held, limits_);
    checked = checked || result.match != Match::kUnknown;
    if (result.match != Match::kDiffers) continue;
    differing.push_back(
        {.key = std::string(option.key.view()),
         .held = reading_text(option, held),
         .wanted = checker_.wanted_text(expected, id, result.wanted),
         .origin = place_text(checker_.policy(), *expected.decision.settings[id]),
         .enforced = expected.decision.enforced.contains(id),
         .is_foreign = !is_own(facts, listener, id, *expected.decision.settings[id]),
         .is_applied = applied_.contain(facts.cookie, option, held),
         .is_refused = refused_.contains(id)});
  }
  if (!differing.empty() && now_ != nullptr && holds_as_now(socket, listener)) differing.clear();
  for (DifferingOption& one : differing) note(group, std::move(one));
  if (checked) ++checked_;
}

// As `apply` leaves it where the files have changed since the process read them.
bool SocketSurvey::holds_as_now(const ForeignSocket& socket, const Endpoint* listener) {
  const Expected& expected = now_->expect(socket.facts(), listener);
  bool holds = false;
  for (const OptionId id : expected.options) {
    const OptionReading held = read_option(socket, now_->policy().option(id));
    const Match match = now_->check(expected, id, held, limits_).match;
    if (match == Match::kDiffers) return false;
    holds = holds || match == Match::kHolds;
  }
  return holds;
}

// Whether the policy that the process holds asks the same of the socket.
bool SocketSurvey::is_own(const SocketFacts& facts, const Endpoint* listener, OptionId id,
                          const Setting& setting) {
  if (own_ == nullptr) return true;
  if (id >= kOptionCount) return false;  // a raw one is another option in another policy
  const Decision& decision = own_->expect(facts, listener).decision;
  if (!decision.wanted.contains(id)) return false;
  return decision.settings[id]->value == setting.value &&
         decision.settings[id]->ignores == setting.ignores;
}

void SocketSurvey::take_listener(const SocketFacts& facts) {
  ListenerFacts listener{.local = facts.local.text(),
                         .queue = facts.queue.value_or(0),
                         .limit = facts.queue_limit.value_or(0),
                         .blind_rules = {}};
  const SocketQuestion question = {&program_, Side::kListen, facts.local.address_for_rules()};
  for (const SilentRule& silent : explain(checker_.policy(), question).silent) {
    if (silent.fix.empty()) continue;
    const std::string rule = fmt::format("[rule {}]", checker_.policy().name(*silent.rule));
    listener.blind_rules.push_back({rule, silent.reason});
  }
  listeners_.push_back(std::move(listener));
  listening_.push_back(facts);
}

void SocketSurvey::count_drops(const Counters& counters, std::uint64_t net_cookie) {
  for (std::size_t i = 0; i < listeners_.size(); ++i) {
    const SocketFacts& facts = listening_[i];
    const bool is_there = facts.net_cookie == net_cookie;
    listeners_[i].drops =
        listen_drops(facts, is_there ? counters : Counters()).value_or(ListenDrops{});
  }
}

void SocketSurvey::note(const std::string& group, DifferingOption differing) {
  std::vector<DifferingOption>& known = differing_[group];
  const auto same = std::find_if(known.begin(), known.end(), [&](const DifferingOption& other) {
    return other.key == differing.key && other.held == differing.held &&
           other.wanted == differing.wanted && other.origin == differing.origin &&
           other.is_foreign == differing.is_foreign && other.is_applied == differing.is_applied &&
           other.is_refused == differing.is_refused;
  });
  if (same == known.end()) {
    differing.sockets = 1;
    known.push_back(std::move(differing));
  } else {
    ++same->sockets;
  }
}

namespace {

// Why a socket that the library is beside differs all the same, as far as can be told.
std::string_view cause(std::string_view group, const std::vector<DifferingOption>& options,
                       bool enforced) {
  const bool capped = std::any_of(options.begin(), options.end(), [](const DifferingOption& one) {
    return one.key == "backlog" || one.key == "fastopen";
  });
  if (group.starts_with("LISTEN ")) {
    return enforced ? "enforced, so the library did not see it come to its descriptor, or it was "
                      "changed from outside (`sockopt apply`)"
           : capped ? "the program set it itself, or the library did not see the listener come to "
                      "its descriptor, or a sysctl was raised since"
                    : "the program set it itself, or the library did not see the listener come to "
                      "its descriptor";
  }
  // Only what came in has a listener.
  if (!group.starts_with("connections accepted")) {
    return enforced ? "enforced, so the library did not see it come to its descriptor, or it was "
                      "changed from outside (`sockopt apply`)"
                    : "the program set it itself, or the library did not see it come to its "
                      "descriptor";
  }
  return enforced ? "enforced, so it is older than its listener's options"
                  : "the program set it itself, or it is older than its listener's value";
}

}  // namespace

namespace {

enum class Why { kOther, kRefused, kApplied, kForeign };

Why why_of(const DifferingOption& one) {
  return one.is_foreign   ? Why::kForeign
         : one.is_applied ? Why::kApplied
         : one.is_refused ? Why::kRefused
                          : Why::kOther;
}

}  // namespace

Findings examine_drift(const std::map<std::string, std::vector<DifferingOption>>& differing,
                       const SurveyContext& context) {
  Findings found;
  for (const auto& [group, all] : differing) {
    const bool listens = group.starts_with("LISTEN ");
    const std::string apply =
        context.apply.empty() ? "" : context.apply + (listens ? "" : " --established");
    for (const Why why : {Why::kOther, Why::kRefused, Why::kApplied, Why::kForeign}) {
      std::vector<DifferingOption> options;
      std::copy_if(all.begin(), all.end(), std::back_inserter(options),
                   [&](const DifferingOption& one) { return why_of(one) == why; });
      if (options.empty()) continue;
      const std::string what = fmt::format("{}: {}", group, options_text(options));
      const bool enforced = std::any_of(options.begin(), options.end(),
                                        [](const DifferingOption& one) { return one.enforced; });
      if (!context.loaded) {
        found.push_back(Finding::error("sockets", what, apply));
      } else if (why == Why::kForeign) {
        found.push_back(
            Finding::error("sockets", what + "; the library there holds another policy", apply));
      } else if (why == Why::kRefused) {
        found.push_back(
            Finding::error("sockets", what + "; the kernel refused it to the library there"));
      } else if (why == Why::kApplied) {
        found.push_back(Finding::warning("sockets", what + "; set by apply", apply));
      } else if (enforced) {
        found.push_back(Finding::error(
            "sockets", fmt::format("{}; {}", what, cause(group, options, true)), apply));
      } else {
        found.push_back(
            Finding::warning("sockets", fmt::format("{}; {}", what, cause(group, options, false)),
                             apply.empty() ? "enforce = yes, to override the program"
                                           : apply + "  # to override the program for good: "
                                                     "enforce = yes"));
      }
    }
  }
  return found;
}

Findings examine_listeners(const std::vector<ListenerFacts>& listeners) {
  Findings found;
  for (const ListenerFacts& one : listeners) {
    if (one.limit != 0 && one.queue > one.limit) {
      found.push_back(Finding::warning(
          "queue",
          fmt::format("LISTEN {}: its accept queue is full ({} of {}): new connections are dropped",
                      one.local, one.queue, one.limit),
          "raise the backlog if this is a burst; otherwise the program accepts too slowly"));
    } else if (one.drops.least != 0) {
      found.push_back(Finding::warning(
          "queue",
          fmt::format("LISTEN {}: {}{} packets of new connections dropped since it began to "
                      "listen; its queue holds {}",
                      one.local, one.drops.is_known() ? "" : "at least ", one.drops.least,
                      one.limit),
          "raise the backlog if this was a burst; otherwise the program accepts too slowly"));
    } else if (one.drops.most != 0) {
      found.push_back(Finding::note(
          "queue",
          fmt::format("LISTEN {}: it may have dropped new connections: the kernel's counter ({}) "
                      "also includes packets that it holds back or has answered before",
                      one.local, one.drops.most)));
    }
    for (const auto& [rule, reason] : one.blind_rules) {
      found.push_back(Finding::warning(
          "rule", fmt::format("{} does not apply to LISTEN {}: {}", rule, one.local, reason),
          "name the port alone in its `listen =`"));
    }
  }
  return found;
}

Findings examine_sockets(const SocketSurvey& survey, const SurveyContext& context) {
  Findings found = examine_drift(survey.differing(), context);
  append(found, examine_listeners(survey.listeners()));
  if (survey.sockets() == 0) {
    found.push_back(Finding::note("sockets", "it has no TCP socket at the moment"));
  } else if (survey.differing().empty() && survey.checked() != 0) {
    found.push_back(Finding::ok(
        "sockets", fmt::format("{} of its {} TCP sockets have the configured options, none "
                               "differs{}",
                               survey.checked(), survey.sockets(),
                               survey.checked() == survey.sockets()
                                   ? ""
                                   : "; for the others none is configured, or can be read")));
  }
  return found;
}

}  // namespace sockopt
