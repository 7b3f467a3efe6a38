// SPDX-License-Identifier: MIT
#include "tools/sockopt/live/own_policy.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include "shim/config/environment.h"
#include "shim/config/load.h"
#include "shim/config/reader.h"
#include "shim/options/lookup.h"
#include "tools/inspect/process_facts.h"
#include "tools/sockopt/launch/preload_list.h"
#include "tools/sockopt/policy/configuration_file.h"
#include "tools/sockopt/policy/fault_sink.h"
#include "tools/sockopt/report/output.h"

namespace sockopt {
namespace {

// Whether a path means the same file to the process as to us.
bool shares_our_root(const ForeignProcess& process) {
  struct stat theirs = {};
  struct stat ours = {};
  return ::stat((process.path() + "/root/").c_str(), &theirs) == 0 && ::stat("/", &ours) == 0 &&
         theirs.st_dev == ours.st_dev && theirs.st_ino == ours.st_ino;
}

bool has_same_files(const Policy& a, const Policy& b) {
  if (a.file_count() != b.file_count()) return false;
  for (std::size_t i = 0; i < a.file_count(); ++i) {
    if (a.path(i) != b.path(i) || a.file_hash(i) != b.file_hash(i)) return false;
  }
  return true;
}

// The variables as they were read, behind files that are read anew.
void add_variables(const Policy& held, Policy& policy) {
  bool is_first = true;
  for (const Setting& setting : held) {
    const Rule& rule = held.rule_of(setting);
    if (rule.kind != Rule::Kind::kVariables) continue;
    if (is_first && !policy.begin_rule(Rule::Kind::kVariables, {}, 0)) return;
    is_first = false;
    policy.current_rule().enforces = rule.enforces;
    Setting copy = setting;
    const KernelName name = held.option(setting.option).ipv4;
    if (setting.option >= kOptionCount) copy.option = policy.add_raw(name.level, name.name);
    if (copy.option != kNoOption) policy.add(copy);
  }
}

// A title is written over its variables: what they said, and which files were read, is in what it
// holds.
std::optional<OwnPolicy> read_files_of(const Policy& held) {
  OwnPolicy own{.policy = std::make_unique<Policy>(), .faults = {}, .note = {}};
  for (std::size_t i = 0; i < held.file_count(); ++i) {
    const std::string path(held.path(i));
    const auto read = read_configuration_file(path, Reading::kInForce);
    if (const auto* file = std::get_if<ConfigurationFile>(&read)) {
      read_configuration(file->text, path, *own.policy, fault_sink(own.faults));
    } else {
      own.faults.push_back(Finding::error("config", std::get<std::string>(read)));
      own.faults.back().place.file = path;
    }
  }
  add_variables(held, *own.policy);
  return own;
}

// What the library would read, if the process were started again: by its variables, where it would
// heed them, and the files as they are. Nothing where its files are not those that we see.
std::optional<OwnPolicy> read_again(const ForeignProcess& process, const Policy* held) {
  if (!shares_our_root(process)) return std::nullopt;
  const Result<ProcessFacts> facts = read_process_facts(process);
  if (!facts) return std::nullopt;
  if (!facts->environment.intact) return held == nullptr ? std::nullopt : read_files_of(*held);
  std::vector<const char*> environment;
  for (const std::string& entry : facts->environment.entries) environment.push_back(entry.c_str());
  environment.push_back(nullptr);
  const bool heeds =
      !facts->secure && !words_for_library(facts->environment.get("LD_PRELOAD")).empty();
  if (!heeds || is_disabled(environment.data(), {})) return std::nullopt;
  OwnPolicy own{.policy = std::make_unique<Policy>(), .faults = {}, .note = {}};
  load_policy(
      {environment.data(), SOCKOPT_DEFAULT_CONFIG, SOCKOPT_DEFAULT_DIRECTORY, facts->status.user},
      *own.policy, fault_sink(own.faults));
  return own;
}

}  // namespace

std::optional<OwnPolicy> changed_policy(const ForeignProcess& process, const Policy& held) {
  std::optional<OwnPolicy> now = read_again(process, &held);
  if (!now || has_same_files(held, *now->policy)) return std::nullopt;
  now->note = "its configuration was changed since it started; the new one counts";
  return now;
}

OwnPolicy own_policy(const ForeignProcess& process, std::optional<HeldPolicy> held) {
  std::unique_ptr<Policy> holds = held ? std::move(held->policy) : nullptr;
  if (holds == nullptr) {
    std::optional<OwnPolicy> now = read_again(process, nullptr);
    return now && !now->policy->empty() ? std::move(*now) : OwnPolicy{};
  }
  if (auto changed = changed_policy(process, *holds)) return std::move(*changed);
  return {.policy = std::move(holds), .faults = {}, .note = {}};
}

}  // namespace sockopt
