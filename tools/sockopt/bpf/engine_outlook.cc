// SPDX-License-Identifier: MIT
#include "tools/sockopt/bpf/engine_outlook.h"

#include <fmt/format.h>

#include <algorithm>

#include "shim/options/lookup.h"
#include "shim/policy/program.h"
#include "shim/text/text.h"
#include "tools/sockopt/bpf/attachments.h"
#include "tools/sockopt/launch/executed_files.h"
#include "tools/sockopt/live/live_change.h"
#include "tools/sockopt/policy/setting_text.h"
#include "tools/sockopt/report/output.h"
#include "tools/systemd/file_tree.h"

namespace sockopt {
namespace {

Place place_of(const Policy& policy, const Rule& rule, std::uint32_t line) {
  if (rule.kind == Rule::Kind::kVariables) return {};
  return {std::string(policy.path(rule.file)), line};
}

std::string reason_of(const Policy& policy, const Setting& setting, BpfLimit limit,
                      KernelVersion kernel) {
  const std::string key(policy.option(setting.option).key.view());
  switch (limit) {
    case BpfLimit::kTooOld:
      return fmt::format("{}: the bpf engine sets it from Linux {} on; this is {}.{}", key,
                         kBpfHelper[setting.option].since, kernel.major, kernel.minor);
    case BpfLimit::kOtherValue:
      return fmt::format("{} = {}: the bpf engine cannot set this value", key,
                         value_text(policy, setting));
    default:
      return fmt::format("{}: the bpf engine does not set it", key);
  }
}

}  // namespace

OtherWay other_way(const Option& option, Side side) {
  const bool is_listener = side == Side::kListen;
  const bool concerns = is_listener || option.inheritance != Inheritance::kListener;
  const SocketRole role = is_listener ? SocketRole::kListener : SocketRole::kClient;
  return concerns && is_settable(option, role) ? OtherWay::kWatch : OtherWay::kLibrary;
}

SetBy set_by(const Policy& policy, const Setting& setting, KernelVersion kernel,
             const std::optional<Side>& side) {
  if (setting.ignores) return SetBy::kCalls;
  if (setting.keeps_default) return SetBy::kNothing;
  if (bpf_limit(policy, setting, kernel) == BpfLimit::kNone) return SetBy::kEngine;
  const OtherWay way = other_way(policy.option(setting.option), side.value_or(Side::kListen));
  return way == OtherWay::kWatch ? SetBy::kWatch : SetBy::kLibrary;
}

std::string_view set_by_word(SetBy by) {
  switch (by) {
    case SetBy::kEngine:
    case SetBy::kCalls:
      return "bpf";
    case SetBy::kWatch:
      return "watch";
    case SetBy::kLibrary:
      return "library";
    case SetBy::kNothing:
      break;
  }
  return {};
}

std::vector<std::string_view> engine_calls(const Option& option, SetBy by,
                                           const std::optional<Side>& side, bool is_late) {
  if (by == SetBy::kCalls) return {"setsockopt"};
  if (by == SetBy::kWatch && side == Side::kConnect) return {"after connect"};
  if (by == SetBy::kWatch) return {"after listen"};
  if (by != SetBy::kEngine) return {};
  std::vector<std::string_view> calls;
  if (side != Side::kConnect) {
    const bool is_early = precedes_bind(option);
    const bool is_too_late = option.bind_order == BindOrder::kOnlyBefore;
    if (!is_late || is_early) calls.emplace_back("bind");
    if (is_late ? !is_early : !is_too_late) calls.emplace_back("listen");
  }
  if (side != Side::kListen) calls.emplace_back("connect");
  if (side != Side::kConnect && (option.hook_points & kAtAccept) != 0) {
    calls.emplace_back("accept");
  }
  return calls;
}

std::optional<Finding> engine_limit(const Policy& policy, const Setting& setting,
                                    KernelVersion kernel, const std::optional<Side>& side) {
  const SetBy by = set_by(policy, setting, kernel, side);
  if (by != SetBy::kWatch && by != SetBy::kLibrary) return {};
  const bool is_watched = by == SetBy::kWatch;
  Finding found =
      is_watched
          ? Finding::note("bpf", {}, "sockopt watch sets it, as long as it runs")
          : Finding::warning("bpf", {}, "only the library sets it: sockopt run, sockopt enable");
  found.what = reason_of(policy, setting, bpf_limit(policy, setting, kernel), kernel);
  found.place = place_of(policy, policy.rule_of(setting), setting.line);
  return found;
}

Findings engine_limits(const Policy& policy, KernelVersion kernel) {
  Findings found;
  for (const Setting& setting : policy) {
    const Rule& rule = policy.rule_of(setting);
    if (rule.is_void()) continue;
    const bool connects = rule.connects.count != 0;
    if (auto limit = engine_limit(policy, setting, kernel,
                                  connects ? std::optional(Side::kConnect) : std::nullopt)) {
      found.push_back(*std::move(limit));
    }
  }
  append(found, engine_rule_limits(policy));
  append(found, engine_name_limits(policy));
  return found;
}

// A glob with a `/` is compared with whole paths.
Findings engine_rule_limits(const Policy& policy) {
  Findings found;
  for (std::size_t i = 0; i < policy.rule_count(); ++i) {
    const Rule& rule = policy.rule(i);
    for (std::size_t j = 0; !rule.is_void() && j < rule.programs.count; ++j) {
      const std::string_view glob = policy.glob(policy.programs()[rule.programs.first + j]);
      if (glob.find('/') == std::string_view::npos) continue;
      found.push_back(Finding::warning(
          "bpf",
          fmt::format("[{}]: `program = {}` matches nothing here: the bpf engine knows the base "
                      "name of the executable file only",
                      printable(policy.name(rule)), printable(glob, 80)),
          fmt::format("write program = {}", printable(base_name(glob), 80))));
      found.back().place = place_of(policy, rule, rule.line);
    }
  }
  return found;
}

Findings engine_name_limits(const Policy& policy) {
  Findings found;
  for (std::size_t i = 0; i < policy.rule_count(); ++i) {
    const Rule& rule = policy.rule(i);
    for (std::size_t j = 0; !rule.is_void() && j < rule.programs.count; ++j) {
      const ProgramPattern& pattern = policy.programs()[rule.programs.first + j];
      const std::string name(policy.glob(pattern));
      if (name.find_first_of("/*?[") != name.npos) continue;
      const ExecutedFiles files = find_executed_files(name);
      if (files.binaries.empty()) continue;
      const std::string path = FileTree::host().real_path(files.binaries.back());
      const std::string known(base_name(path));
      Program program;
      program.set(known, {}, {});
      if (known == name || policy.matches_program(rule, program) != pattern.excludes) continue;
      const std::string_view sign = pattern.excludes ? "!" : "";
      const bool is_script = files.binaries.back() != files.path;
      found.push_back(Finding::warning(
          "bpf",
          fmt::format("[{}]: `program = {}{}` is not about {}: the bpf engine knows it by its "
                      "executable file, {}",
                      printable(policy.name(rule)), sign, printable(name, 80),
                      printable(files.path, 80), printable(known, 80)),
          fmt::format("write program = {}{}{}", sign, printable(known, 80),
                      is_script ? ", which is about all that it runs" : "")));
      found.back().place = place_of(policy, rule, rule.line);
    }
  }
  return found;
}

std::optional<Finding> engine_absence() {
  const std::string lacks = engine_lacks();
  if (lacks.empty()) return {};
  return Finding::warning(
      "bpf", fmt::format("this command cannot attach it: it was built without the bpf engine ({})",
                         lacks));
}

}  // namespace sockopt
