// SPDX-License-Identifier: MIT
#include "tools/sockopt/diagnosis/start_findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "shim/policy/plan.h"
#include "shim/text/text.h"
#include "tools/sockopt/policy/setting_text.h"
#include "tools/sockopt/report/output.h"

namespace sockopt {
namespace {

// `[rule broker] (program = broker-start.sh)`, as far as that is good to read.
std::string rules_text(const Policy& policy, const std::vector<const Rule*>& rules) {
  constexpr std::size_t kMost = 4;
  std::string text;
  for (std::size_t i = 0; i < std::min(rules.size(), kMost); ++i) {
    std::string patterns;
    for (std::size_t k = 0; k < rules[i]->programs.count; ++k) {
      const ProgramPattern& pattern = policy.programs()[rules[i]->programs.first + k];
      patterns += fmt::format("{}{}{}", k == 0 ? "" : ", ", pattern.excludes ? "!" : "",
                              printable(policy.glob(pattern)));
    }
    text += fmt::format("{}[rule {}] (program = {})", i == 0 ? "" : ", ",
                        printable(policy.name(*rules[i])), patterns);
  }
  if (rules.size() > kMost) text += fmt::format(" and {} more", rules.size() - kMost);
  return text;
}

}  // namespace

Findings examine_start_line(const StartLine& line) {
  if (!line.loss) return {};
  const Level level = line.loss->is_certain ? Level::kError : Level::kWarning;
  return {{level, "wrapper", line.loss->what, line.loss->fix_text()}};
}

Findings softened(Findings found, const StartLine& line) {
  for (Finding& one : found) {
    if (one.topic != "reach" || one.level != Level::kError || !may_start_another(line)) continue;
    one.level = Level::kWarning;
    one.what += "; what it starts can have options";
  }
  return found;
}

Findings examine_rules_for(const Policy& policy, const Program& program, const Program* script) {
  std::vector<const Rule*> others;
  std::vector<const Rule*> of_script;
  bool is_named = false;
  for (std::size_t i = 0; i < policy.rule_count(); ++i) {
    const Rule& rule = policy.rule(i);
    if (rule.is_void() || rule.programs.count == 0) continue;
    if (policy.matches_program(rule, program)) {
      is_named = true;
    } else {
      others.push_back(&rule);
      if (script != nullptr && policy.matches_program(rule, *script)) of_script.push_back(&rule);
    }
  }
  const std::string names = known_as(program);
  const std::string fix = fmt::format("program = {}", base_name(telling_name(program)));
  if (!of_script.empty()) {
    return {Finding::warning(
        "settings",
        fmt::format("{} is for the script, which becomes another program, known as {}",
                    rules_text(policy, of_script), names),
        fix)};
  }
  const auto plan = std::make_unique<Plan>();
  plan->make(policy, program);
  if (plan->empty() && !policy.empty()) {
    return {Finding::warning(
        "settings",
        fmt::format("no setting applies to it; rules know it as {}{}", names,
                    others.empty() ? "" : ", and are for others: " + rules_text(policy, others)),
        fix)};
  }
  if (is_named || others.empty()) return {};
  return {Finding::note("settings", fmt::format("rules know it as {}, and are for others: {}",
                                                names, rules_text(policy, others)))};
}

}  // namespace sockopt
