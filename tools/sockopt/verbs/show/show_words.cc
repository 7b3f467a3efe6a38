// SPDX-License-Identifier: MIT
#include "tools/sockopt/verbs/show/show_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "tools/inspect/option_reading.h"
#include "tools/sockopt/policy/setting_text.h"
#include "tools/sockopt/report/output.h"

namespace sockopt {
namespace {

std::string numbers_text(const std::vector<pid_t>& pids, bool all) {
  if (pids.size() == 1) return std::to_string(pids.front());
  if (all) {
    std::string text;
    for (const pid_t pid : pids) text += fmt::format("{}{}", text.empty() ? "" : ",", pid);
    return text;
  }
  const auto distance = static_cast<std::size_t>(pids.back() - pids.front());
  if (distance == pids.size() - 1) return fmt::format("{}..{}", pids.front(), pids.back());
  return fmt::format("{}+{}", pids.front(), pids.size() - 1);
}

// Why a socket of a process that the shim is in departs all the same. Who set a value the kernel
// does not record; that somebody did, it shows by being no initial one.
std::string_view cause_under_the_shim(const CensusProcess& process, const InitialValues& initial,
                                      const CensusSocket& socket, OptionId id,
                                      const OptionReading& held) {
  if (process.holding.refused.contains(id)) return "the kernel refused it to the shim";
  if (!process.holding.is_held) return "the shim there holds another policy";
  const bool raw = id >= kOptionCount;
  const bool is_set = !raw && kOptions[id].kind != Kind::kBacklog &&
                      !initial.is_initial(id, socket.facts, held.value);
  return is_set ? "set by the program itself" : "not set by the shim: see sockopt doctor";
}

// Options that depart for the same reason, which is then told once.
struct Departures {
  std::string_view cause;
  std::size_t count = 0;
  std::string text;
};

}  // namespace

std::string owners_text(const Census& census, const std::vector<std::uint32_t>& processes,
                        bool all) {
  std::vector<std::string> names;  // in the order of their first process
  std::map<std::string, std::vector<pid_t>> pids;
  for (const std::uint32_t index : processes) {
    const ProcessEntry& entry = census.processes()[index].entry;
    std::vector<pid_t>& of_name = pids[entry.name];
    if (of_name.empty()) names.push_back(entry.name);
    of_name.push_back(entry.pid);
  }
  std::string text;
  for (const std::string& name : names) {
    std::vector<pid_t>& of_name = pids[name];
    std::sort(of_name.begin(), of_name.end());
    text += fmt::format("{}{}({})", text.empty() ? "" : ",", printable(name),
                        numbers_text(of_name, all));
  }
  return text;
}

std::string held_text(const Option& option, const OptionReading& reading) {
  if (!reading) return "?";
  if (option.kind == Kind::kDuration && option.unit == Unit::kMilliseconds) {
    const std::int64_t number = reading.value.number(option.kind);
    if (number % 1000 == 0) return fmt::format("{}s", number / 1000);
  }
  const std::string text = printable(value_text(option, reading.value));
  return text.empty() ? "-" : text;  // bound to no device
}

std::string departures_text(Census& census, const InitialValues& initial,
                            const CensusSocket& socket) {
  if (socket.departs.empty()) return {};
  const CensusProcess& process = census.process_of(socket);
  Judge& judge = census.policies().judge(process.holding.policy);
  const Policy& policy = judge.policy();
  const Wish& wish = judge.wish(socket.facts, socket.listener);
  std::vector<Departures> by_cause;  // in the order of their first option
  for (const OptionId id : socket.departs) {
    const Option& option = policy.option(id);
    const OptionReading held = census.reading(socket, id);
    const Judgement judgement = judge.judge(wish, id, held, census.net_namespace_of(socket).limits);
    const std::string_view cause = process.holding.reach == Reach::kShimmed
                                       ? cause_under_the_shim(process, initial, socket, id, held)
                                       : std::string_view();
    auto same = std::find_if(by_cause.begin(), by_cause.end(),
                             [&](const Departures& one) { return one.cause == cause; });
    if (same == by_cause.end()) same = by_cause.insert(same, {cause, 0, {}});
    ++same->count;
    same->text += fmt::format("{}{} is {}, wants {} from {}", same->text.empty() ? "" : "; ",
                              option.key.view(), reading_text(option, held),
                              judge.wanted_text(wish, id, judgement.wanted),
                              origin_text(policy, *wish.decision.settings[id]));
  }
  std::string text;
  for (const Departures& one : by_cause) {
    text += fmt::format("{}{}", text.empty() ? "" : "; ", one.text);
    if (!one.cause.empty())
      text += fmt::format(" ({}{})", one.count > 1 ? "each: " : "", one.cause);
  }
  if (process.holding.reach == Reach::kNotShimmed) text += ": the shim is not in this process";
  if (process.holding.reach == Reach::kIdle) {
    text += ": the shim in this process is idle (disabled, or without a configuration)";
  }
  return text;
}

std::string sources_text(const std::vector<const Policy*>& policies) {
  std::set<std::string> sources;
  for (const Policy* policy : policies) {
    for (const Setting& setting : *policy) {
      const Rule& rule = policy->rule_of(setting);
      if (rule.kind != Rule::Kind::kVariables) {
        sources.insert(printable(policy->path(rule.file)));
      } else {
        sources.insert(setting.line == kOnCommandLine ? "-o" : "the SOCKOPT_ variables");
      }
    }
  }
  std::string text;
  for (const std::string& source : sources) {
    text += fmt::format("{}{}", text.empty() ? "" : ", ", source);
  }
  return text;
}

std::string places_text(const std::map<std::string, std::set<std::uint32_t>>& lines) {
  std::string text;
  for (const auto& [file, numbers] : lines) {
    text += (text.empty() ? "" : " ") + file;
    std::string list;
    for (auto first = numbers.begin(); first != numbers.end();) {
      auto last = first;
      while (std::next(last) != numbers.end() && *std::next(last) == *last + 1) ++last;
      if (*first != 0) {
        list += fmt::format("{}{}", list.empty() ? ":" : ",", *first);
        if (last != first) list += fmt::format("..{}", *last);
      }
      first = std::next(last);
    }
    text += list;
  }
  return text;
}

std::string_view state_text(const CensusSocket& socket) {
  return state_name(socket.facts.state.value_or(0));
}

}  // namespace sockopt
