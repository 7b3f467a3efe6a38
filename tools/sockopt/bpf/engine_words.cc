// SPDX-License-Identifier: MIT
#include "tools/sockopt/bpf/engine_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>

#include "shim/options/lookup.h"
#include "shim/text/text.h"
#include "tools/sockopt/bpf/engine_outlook.h"
#include "tools/sockopt/policy/setting_text.h"
#include "tools/sockopt/report/output.h"

namespace sockopt {
namespace {

std::string key_of(const Policy& policy, OptionId id) {
  return std::string(policy.option(id).key.view());
}

void add_once(std::vector<std::string>& words, std::string word) {
  if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(std::move(word));
}

bool concerns(const Policy& policy, const Setting& setting, const Program* program) {
  return program == nullptr || policy.matches_program(policy.rule_of(setting), *program);
}

constexpr const char* kWatchSets = "sockopt watch sets it, as long as it runs";

void find_limits(const Policy& policy, KernelVersion kernel, Findings& findings) {
  std::vector<std::string> by_watch;
  std::vector<std::string> by_library;
  for (OptionId id = 0; id < policy.option_count(); ++id) {
    for (const Setting& setting : policy) {
      if (setting.option != id || policy.rule_of(setting).is_void()) continue;
      const std::string key = key_of(policy, id);
      const BpfLimit limit = bpf_limit(policy, setting, kernel);
      const bool is_left = is_left_to_watch(policy, setting, kernel, Side::kListen) ||
                           is_left_to_watch(policy, setting, kernel, Side::kConnect);
      if (limit == BpfLimit::kNever) {
        add_once(is_left ? by_watch : by_library, key);
      } else if (limit == BpfLimit::kTooOld) {
        findings.push_back(Finding::warning(
            "bpf",
            fmt::format("{} ({}): the bpf engine sets it from Linux {} on; this is {}.{}", key,
                        place_text(policy, setting), kBpfHelper[id].since, kernel.major,
                        kernel.minor),
            is_left ? kWatchSets : ""));
      } else if (limit == BpfLimit::kOtherValue) {
        findings.push_back(
            Finding::warning("bpf",
                             fmt::format("{} = {} ({}): the bpf engine cannot set this value", key,
                                         value_text(policy, setting), place_text(policy, setting)),
                             is_left ? kWatchSets : ""));
      }
    }
  }
  if (!by_watch.empty()) {
    findings.push_back(Finding::warning(
        "bpf", fmt::format("not set by the bpf engine: {}", joined(by_watch)), kWatchSets));
  }
  if (!by_library.empty()) {
    findings.push_back(
        Finding::warning("bpf", fmt::format("not set by the bpf engine: {}", joined(by_library)),
                         "only the library can: sockopt run, sockopt enable"));
  }
}

}  // namespace

bool is_left_to_watch(const Policy& policy, const Setting& setting, KernelVersion kernel,
                      Side side) {
  const Rule& rule = policy.rule_of(setting);
  const Range& other = side == Side::kListen ? rule.connects : rule.listens;
  return !rule.is_void() && !setting.keeps_default && other.count == 0 &&
         other_way(policy.option(setting.option), side) == OtherWay::kWatch &&
         bpf_limit(policy, setting, kernel) != BpfLimit::kNone;
}

OptionSet options_left_to_watch(const Policy& policy, KernelVersion kernel, Side side,
                                const Program* program) {
  OptionSet options;
  for (const Setting& setting : policy) {
    if (!concerns(policy, setting, program)) continue;
    if (is_left_to_watch(policy, setting, kernel, side)) options.add(setting.option);
  }
  return options;
}

Findings engine_findings(const Policy& policy, KernelVersion kernel) {
  Findings findings;
  find_limits(policy, kernel, findings);
  append(findings, engine_rule_limits(policy));
  return findings;
}

std::string executable_name(std::string_view path) {
  constexpr std::string_view kDeleted = " (deleted)";
  std::string_view name = base_name(path);
  if (name.ends_with(kDeleted)) name.remove_suffix(kDeleted.size());
  return std::string(name.substr(0, ENGINE_NAME_BYTES - 1));
}

// The verifier prints each instruction, what stopped it at the end, and then what it took.
std::string load_failure(std::string_view messages) {
  constexpr std::string_view kBegin = "-- BEGIN PROG LOAD LOG --";
  constexpr std::string_view kEnd = "-- END PROG LOAD LOG --";
  constexpr std::size_t kLines = 4;
  constexpr std::string_view kStatistics[] = {"processed ", "verification time", "stack depth",
                                              "libbpf: "};
  const std::size_t begin = messages.find(kBegin);
  const bool has_log = begin != messages.npos;
  const std::string_view log = has_log ? messages.substr(begin + kBegin.size()) : messages;
  std::vector<std::string> lines;
  std::string_view rest = log.substr(0, log.find(kEnd));
  while (!rest.empty()) {
    const std::string_view line = take_line(rest);
    const bool tells =
        !has_log || std::none_of(std::begin(kStatistics), std::end(kStatistics),
                                 [&](auto start) { return line.starts_with(start); });
    if (!line.empty() && tells) lines.push_back(printable(line, 160));
  }
  const std::size_t shown = std::min(lines.size(), has_log ? kLines : std::size_t{1});
  lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(shown));
  std::string text = joined(lines, " | ");
  if (!has_log) return text;
  // "libbpf: prog 'connect4': -- BEGIN ..."
  std::string_view name = messages.substr(0, begin);
  name.remove_prefix(std::min(name.rfind('\n') + 1, name.size()));
  const std::size_t quote = name.find('\'');
  if (quote == name.npos) return text;
  name.remove_prefix(quote + 1);
  return fmt::format("{}: {}", printable(name.substr(0, name.find('\''))), text);
}

std::vector<std::string> watch_options(const Policy& policy, KernelVersion kernel,
                                       const Program* program) {
  std::vector<std::string> keys;
  for (const OptionId id : options_left_to_watch(policy, kernel, Side::kListen, program) |
                               options_left_to_watch(policy, kernel, Side::kConnect, program)) {
    keys.push_back(key_of(policy, id));
  }
  return keys;
}

std::vector<std::string> engine_options(const Policy& policy, KernelVersion kernel,
                                        const Program* program) {
  std::vector<std::string> keys;
  for (OptionId id = 0; id < policy.option_count(); ++id) {
    for (const Setting& setting : policy) {
      const Rule& rule = policy.rule_of(setting);
      if (setting.option != id || rule.is_void() || !concerns(policy, setting, program)) continue;
      const bool sets =
          !setting.keeps_default && bpf_limit(policy, setting, kernel) == BpfLimit::kNone;
      const bool holds = setting.ignores || (rule.enforces && !setting.keeps_default &&
                                             policy.option(id).is_socket_option());
      if (sets || holds) add_once(keys, key_of(policy, id));
    }
  }
  return keys;
}

}  // namespace sockopt
