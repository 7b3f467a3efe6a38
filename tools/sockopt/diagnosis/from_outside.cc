// SPDX-License-Identifier: MIT
#include "tools/sockopt/diagnosis/from_outside.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "tools/inspect/read_small_file.h"
#include "tools/inspect/systemd_unit.h"
#include "tools/sockopt/bpf/attachments.h"
#include "tools/sockopt/bpf/cgroup_tree.h"
#include "tools/sockopt/bpf/engine_words.h"
#include "tools/sockopt/bpf/host_support.h"
#include "tools/sockopt/policy/setting_text.h"
#include "tools/sockopt/report/shell_command.h"

namespace sockopt {

std::vector<std::string> attach_target(std::string_view cgroup, const std::string& unit) {
  if (unit.ends_with(".service")) return {"-u", unit};
  const std::optional<std::string> path = cgroup_path(cgroup);
  // The last: outside of our cgroup namespace.
  if (!path || path->starts_with("/..")) return {};
  if (*path == "/") return {"--host"};
  return {"--cgroup", *path};
}

std::vector<std::string> own_attach_target() {
  const Result<std::string> cgroup = read_small_file(AT_FDCWD, "/proc/self/cgroup");
  return cgroup ? attach_target(*cgroup, unit_of_cgroup(*cgroup)) : std::vector<std::string>();
}

std::string attach_command(const EffectivePolicy& effective, const PolicySources& sources,
                           const std::vector<std::string>& target) {
  const Policy& policy = effective.policy();
  const KernelVersion kernel = KernelVersion::running();
  if (target.empty() || !effective.faults().empty() || engine_obstacle(policy.has_programs()) ||
      (engine_options(policy, kernel).empty() && watch_options(policy, kernel).empty())) {
    return {};
  }
  PolicySources absolute = sources;
  absolute.configuration = effective.named_file();
  if (!absolute.configuration.empty()) {
    absolute.configuration = std::filesystem::absolute(absolute.configuration).lexically_normal();
  }
  // sudo hands no variable on.
  for (const Setting& setting : policy) {
    const bool is_variable = policy.rule_of(setting).kind == Rule::Kind::kVariables &&
                             setting.line != kOnCommandLine && setting.preset == 0;
    if (!is_variable) continue;
    absolute.options.push_back(fmt::format("{}={}", policy.option(setting.option).key.view(),
                                           value_text(policy, setting)));
    absolute.enforces = absolute.enforces || policy.rule_of(setting).enforces;
  }
  std::vector<std::string> words = {"sockopt", "attach"};
  for (std::string& word : policy_words(absolute)) words.push_back(std::move(word));
  words.insert(words.end(), target.begin(), target.end());
  return missing_mount_command() + command_text(words);
}

std::optional<Finding> engine_obstacle(bool reads_programs) {
  if (const std::string lacks = engine_lacks(); !lacks.empty()) {
    return Finding::note("bpf",
                         fmt::format("this command was built without the bpf engine ({})", lacks));
  }
  return find_host_obstacle(reads_programs);
}

std::optional<Finding> offer_engine(std::string what, const std::string& command,
                                    bool reads_programs) {
  if (const auto obstacle = engine_obstacle(reads_programs)) {
    return Finding::note("bpf", "nor does the bpf engine: " + obstacle->what, obstacle->fix);
  }
  if (command.empty()) return {};
  return Finding::note("bpf", std::move(what), command);
}

}  // namespace sockopt
