// SPDX-License-Identifier: MIT
#include "tools/sockopt/policy/program_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "shim/text/text.h"
#include "tools/sockopt/report/output.h"

namespace sockopt {

std::string known_as(const Program& program) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < program.count(); ++i) {
    std::string name = printable(base_name(program.path(i)), 80);
    if (std::find(names.begin(), names.end(), name) == names.end())
      names.push_back(std::move(name));
  }
  return joined(names, ", ");
}

std::string_view telling_name(const Program& program) {
  return program.count() == 0 ? std::string_view() : program.path(program.count() - 1);
}

void keep_executable(Program& program) {
  if (program.count() == 0) return;
  const std::string name(base_name(program.path(0)));
  program.set(name, {}, {});
}

std::string why_not_meant(const Policy& policy, const Program& program) {
  std::vector<std::string> excluding;
  for (std::size_t i = 0; i < policy.rule_count(); ++i) {
    const Rule& rule = policy.rule(i);
    if (rule.programs.count == 0) continue;
    if (policy.matches_program(rule, program)) return {};
    const ProgramPattern* first = policy.programs() + rule.programs.first;
    const bool excludes =
        std::any_of(first, first + rule.programs.count, [&](const ProgramPattern& pattern) {
          return pattern.excludes && program.matches(policy.glob(pattern));
        });
    if (excludes) excluding.push_back(fmt::format("[rule {}]", printable(policy.name(rule))));
  }
  const std::string names = known_as(program);
  if (excluding.empty()) return fmt::format("no rule names it; rules know it as {}", names);
  return fmt::format("no rule is for it; {} {} it, known as {}", joined(excluding),
                     excluding.size() == 1 ? "excludes" : "exclude", names);
}

}  // namespace sockopt
