// SPDX-License-Identifier: MIT
#include "tools/sockopt/verbs/show/show_words.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "tools/inspect/option_reading.h"
#include "tools/inspect/read_small_file.h"
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

// Whether the policy that the process holds asks the same of the socket.
bool asks_the_same(Census& census, PolicyPool::Id own, const CensusSocket& socket, OptionId id,
                   const Setting& wanted) {
  if (id >= kOptionCount) return false;  // a raw one is another option in another policy
  const Decision& decision =
      census.policies().checker(own).expect(socket.facts, socket.listener).decision;
  if (!decision.wanted.contains(id)) return false;
  const Setting& setting = *decision.settings[id];
  return setting.value == wanted.value && setting.ignores == wanted.ignores;
}

// Why a socket of a process that the library is in differs all the same. Who set a value the kernel
// does not record; that somebody did, it shows by being no initial one.
std::string_view cause_with_the_library(Census& census, const InitialValues& initial,
                                        const CensusSocket& socket, OptionId id,
                                        const OptionReading& held, const Setting& wanted) {
  const PolicyPool::Holding& holding = census.process_of(socket).holding;
  if (holding.refused.contains(id)) return "the kernel refused it to the library";
  if (!holding.own && !holding.is_held) return "the policy of the library there cannot be read";
  if (holding.own && !asks_the_same(census, *holding.own, socket, id, wanted)) {
    return "the library there holds another policy";
  }
  const bool raw = id >= kOptionCount;
  if (!raw && socket.applied.contains(id)) return "set by apply";
  const bool is_set =
      !raw && kOptions[id].is_socket_option() && initial.is_set(id, socket.facts, held);
  return is_set ? "set by the program itself, or from outside"
                : "as in every new socket: see sockopt doctor";
}

// ` (as it was read; now 35s from sockopt.ini:3)`: where the files of the process ask for something
// else by now, which is what `apply` sets. Empty where they do not, or have mistakes.
std::string now_text(Census& census, const CensusSocket& socket, OptionId id,
                     const Setting& wanted) {
  const PolicyPool::Holding& holding = census.process_of(socket).holding;
  if (!holding.now || !holding.faults.empty() || id >= kOptionCount) return {};
  if (asks_the_same(census, *holding.now, socket, id, wanted)) return {};
  Checker& checker = census.policies().checker(*holding.now);
  const Expected& expected = checker.expect(socket.facts, socket.listener);
  if (!expected.options.contains(id)) return " (as it was read; nothing sets it now)";
  const CheckResult result = checker.check(expected, id, census.reading(socket, id),
                                           census.net_namespace_of(socket).limits);
  return fmt::format(" (as it was read; now {} from {})",
                     checker.wanted_text(expected, id, result.wanted),
                     origin_text(checker.policy(), *expected.decision.settings[id]));
}

// Options that differ for the same reason, which is then told once.
struct Drift {
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
  return printable(held_value_text(option, reading.value));
}

std::string drift_text(Census& census, const InitialValues& initial, const CensusSocket& socket) {
  if (socket.differs.empty()) return {};
  const CensusProcess& process = census.process_of(socket);
  Checker& checker = census.checker_of(socket);
  const Policy& policy = checker.policy();
  const Expected& expected = checker.expect(socket.facts, socket.listener);
  std::vector<Drift> by_cause;  // in the order of their first option
  for (const OptionId id : socket.differs) {
    const Option& option = policy.option(id);
    const OptionReading held = census.reading(socket, id);
    const CheckResult result =
        checker.check(expected, id, held, census.net_namespace_of(socket).limits);
    const std::string_view cause = process.holding.reach == Reach::kLoaded
                                       ? cause_with_the_library(census, initial, socket, id, held,
                                                                *expected.decision.settings[id])
                                       : std::string_view();
    auto same = std::find_if(by_cause.begin(), by_cause.end(),
                             [&](const Drift& one) { return one.cause == cause; });
    if (same == by_cause.end()) same = by_cause.insert(same, {cause, 0, {}});
    ++same->count;
    same->text += fmt::format("{}{} is {}, wants {} from {}{}", same->text.empty() ? "" : "; ",
                              option.key.view(), reading_text(option, held),
                              checker.wanted_text(expected, id, result.wanted),
                              origin_text(policy, *expected.decision.settings[id]),
                              now_text(census, socket, id, *expected.decision.settings[id]));
  }
  std::string text;
  for (const Drift& one : by_cause) {
    text += fmt::format("{}{}", text.empty() ? "" : "; ", one.text);
    if (!one.cause.empty())
      text += fmt::format(" ({}{})", one.count > 1 ? "each: " : "", one.cause);
  }
  if (process.holding.reach == Reach::kNotLoaded) text += ": the library is not in this process";
  if (process.holding.reach == Reach::kIdle) {
    text += ": the library in this process is idle (disabled, or not configured)";
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

const Attachment* attached_to(const EngineReach& engine, const CensusProcess& process) {
  if (engine.empty()) return nullptr;
  const std::string path = fmt::format("/proc/{}/cgroup", process.entry.pid);
  const Result<std::string> cgroup = read_small_file(AT_FDCWD, path);
  return cgroup ? engine.nearest(*cgroup) : nullptr;
}

std::string_view state_text(const CensusSocket& socket) {
  return state_name(socket.facts.state.value_or(0));
}

}  // namespace sockopt
