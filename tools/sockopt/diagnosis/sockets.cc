// SPDX-License-Identifier: MIT
#include "tools/sockopt/diagnosis/sockets.h"

#include <fmt/format.h>

#include <algorithm>

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
      return "what came in by " + listener->text();
    case SocketRole::kClient:
      return "its own connections";
    case SocketRole::kUnconnected:
      return "sockets without a connection";
  }
  return {};
}

std::string options_text(const std::vector<DepartingOption>& options) {
  std::string text;
  for (std::size_t i = 0; i < std::min(options.size(), kMostShown); ++i) {
    const DepartingOption& option = options[i];
    text += fmt::format("{}{} is {}, not {} of {}", i == 0 ? "" : "; ", option.key, option.held,
                        option.wanted, option.origin);
    if (option.sockets > 1) text += fmt::format(" ({} of them)", option.sockets);
  }
  if (options.size() > kMostShown)
    text += fmt::format("; and {} more", options.size() - kMostShown);
  return text;
}

}  // namespace

void SocketSurvey::take(const ForeignSocket& socket, const Endpoint* listener) {
  const SocketFacts& facts = socket.facts();
  ++sockets_;
  if (facts.listening) take_listener(facts);
  const Wish& wish = judge_.wish(facts, listener);
  bool judged = false;
  for (const OptionId id : wish.options) {
    const Option& option = judge_.policy().option(id);
    const OptionReading held = read_option(socket, option);
    const Judgement judgement = judge_.judge(wish, id, held, limits_);
    judged = judged || judgement.verdict != Verdict::kUnknown;
    if (judgement.verdict != Verdict::kDeparts) continue;
    note(group_of(facts, wish.role, listener),
         {.key = std::string(option.key.view()),
          .held = reading_text(option, held),
          .wanted = judge_.wanted_text(wish, id, judgement.wanted),
          .origin = place_text(judge_.policy(), *wish.decision.settings[id]),
          .enforced = wish.decision.enforced.contains(id)});
  }
  if (judged) ++judged_;
}

void SocketSurvey::take_listener(const SocketFacts& facts) {
  ListenerFacts listener{.local = facts.local.text(),
                         .queue = facts.queue.value_or(0),
                         .limit = facts.queue_limit.value_or(0),
                         .drops = facts.drops.value_or(0),
                         .blind_rules = {}};
  const SocketQuestion question = {&program_, Side::kListen, facts.local.address_for_rules()};
  for (const SilentRule& silent : explain(judge_.policy(), question).silent) {
    if (!silent.lost_to_the_wildcard) continue;
    listener.blind_rules.push_back(fmt::format("[rule {}]", judge_.policy().name(*silent.rule)));
  }
  listeners_.push_back(std::move(listener));
}

void SocketSurvey::note(const std::string& group, DepartingOption departing) {
  std::vector<DepartingOption>& known = departing_[group];
  const auto same = std::find_if(known.begin(), known.end(), [&](const DepartingOption& other) {
    return other.key == departing.key && other.held == departing.held &&
           other.wanted == departing.wanted && other.origin == departing.origin;
  });
  if (same == known.end()) {
    departing.sockets = 1;
    known.push_back(std::move(departing));
  } else {
    ++same->sockets;
  }
}

Findings examine_departures(const std::map<std::string, std::vector<DepartingOption>>& departing,
                            const SurveyContext& context) {
  Findings found;
  for (const auto& [group, options] : departing) {
    const bool listens = group.starts_with("LISTEN ");
    const std::string apply = context.apply + (listens ? "" : " --established");
    const std::string what = fmt::format("{}: {}", group, options_text(options));
    const bool enforced = std::any_of(options.begin(), options.end(),
                                      [](const DepartingOption& one) { return one.enforced; });
    if (!context.loaded) {
      found.push_back(Finding::error("sockets", what, apply));
    } else if (enforced) {
      found.push_back(Finding::error(
          "sockets",
          what + (listens ? "; enforced, so it came to its number unseen by the library, or was "
                            "changed from outside (`sockopt apply`)"
                          : "; enforced, so it was there before its listener was prepared"),
          apply));
    } else if (listens) {
      found.push_back(Finding::warning(
          "sockets",
          what + "; the program set it itself, or the listener was inherited or moved to its "
                 "number unseen, or a sysctl was raised since",
          apply + "; for good, against the program: enforce = yes"));
    } else {
      found.push_back(Finding::warning(
          "sockets", what + "; the program set it itself, or it is older than its listener's value",
          apply + "; for good, against the program: enforce = yes"));
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
          fmt::format("LISTEN {}: its accept queue is full, {} wait where {} may: what comes now "
                      "is dropped",
                      one.local, one.queue, one.limit),
          "a larger backlog, if it is a burst; else the program accepts too slowly"));
    } else if (one.drops != 0) {
      found.push_back(Finding::warning(
          "queue",
          fmt::format("LISTEN {}: {} connections were dropped since it listens; {} may wait",
                      one.local, one.drops, one.limit),
          "a larger backlog, if it was a burst; else the program accepts too slowly"));
    }
    for (const std::string& rule : one.blind_rules) {
      found.push_back(Finding::warning(
          "rule",
          fmt::format("{} is not for LISTEN {}: a rule for one address does not match a listener "
                      "on all of them",
                      rule, one.local),
          "name the port alone in its `listen =`"));
    }
  }
  return found;
}

Findings examine_sockets(const SocketSurvey& survey, const SurveyContext& context) {
  Findings found = examine_departures(survey.departing(), context);
  append(found, examine_listeners(survey.listeners()));
  if (survey.sockets() == 0) {
    found.push_back(Finding::note("sockets", "it has no TCP socket now"));
  } else if (survey.departing().empty() && survey.judged() != 0) {
    found.push_back(Finding::ok(
        "sockets", fmt::format("{} of its {} TCP sockets hold what is asked of them, none departs",
                               survey.judged(), survey.sockets())));
  }
  return found;
}

}  // namespace sockopt
