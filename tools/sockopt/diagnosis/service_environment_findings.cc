// SPDX-License-Identifier: MIT
//
// examine_service_environment: the last assignment of a variable counts, the files of
// EnvironmentFile= and PAM come after every Environment=, and UnsetEnvironment= after all.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "shim/config/environment.h"
#include "tools/sockopt/diagnosis/examine_service.h"
#include "tools/sockopt/launch/preload_list.h"
#include "tools/sockopt/report/output.h"
#include "tools/sockopt/units/drop_in.h"
#include "tools/systemd/specifiers.h"
#include "tools/systemd/unit_words.h"

namespace sockopt {
namespace {

using Source = ServiceVariable::Source;

// The drop-ins that are read after ours, as they are called from outside.
std::vector<std::string> later_drop_ins(const ServiceSubject& subject) {
  const auto& all = subject.unit.drop_ins;
  const auto ours = std::find(all.begin(), all.end(), subject.drop_in);
  std::vector<std::string> later;
  for (auto one = ours; one != all.end(); ++one) {
    if (one != ours) later.push_back(subject.files.outside(*one));
  }
  return later;
}

// Why a variable is not set; `fix` where nothing takes it away.
Finding check_missing(const ServiceSubject& subject, const std::string& name, std::string fix) {
  if (const UnitValue* line = subject.environment.taken_away(name)) {
    return Finding::error("environment",
                          fmt::format("UnsetEnvironment= at {} removes {}",
                                      subject.files.outside(line->place()), name),
                          fmt::format("remove {} from that line", name));
  }
  const std::vector<std::string> later = later_drop_ins(subject);
  if (!later.empty()) {
    return Finding::error(
        "environment",
        fmt::format("an empty Environment= in a later drop-in removes {}: {}", name, joined(later)),
        fmt::format("rename it to sort before {}, and enable again", kDropInName));
  }
  return Finding::error("environment", fmt::format("{} is not set", name), std::move(fix));
}

// What gives another value to a variable of our drop-in; nothing: it is not there to be read.
std::optional<Finding> check_other(const ServiceSubject& subject, const ServiceVariable& set,
                                   const std::string& value) {
  const std::string place = subject.files.outside(set.place);
  if (set.source == Source::kFile || set.source == Source::kPam) {
    const bool is_file = set.source == Source::kFile;
    return Finding::error("environment",
                          fmt::format("{} sets {}, and {} wins over a drop-in", place, set.name,
                                      is_file ? "an EnvironmentFile=" : "what PAMName= reads"),
                          fmt::format("set {}={} there{}", set.name, value,
                                      is_file ? "" : " (it is for every session)"));
  }
  const auto& all = subject.unit.drop_ins;
  if (std::find(all.begin(), all.end(), subject.drop_in) == all.end()) return std::nullopt;
  return Finding::error(
      "environment", fmt::format("{} is read later and sets {} to {}", place, set.name, set.value),
      fmt::format("rename that drop-in to sort before {}, and enable again", kDropInName));
}

// A configuration with a mistake is not enabled.
std::string enabling(const ServiceSubject& subject, const ServicePolicy& policy) {
  return (policy.faults().empty() ? "" : "correct the configuration; then: ") +
         enable_command(subject.files, {subject.unit.name});
}

Finding check_preload(const ServiceSubject& subject, const ServiceVariable& set, std::string fix) {
  if (auto found = check_other(subject, set, preload_with(subject.library, set.value))) {
    return *std::move(found);
  }
  return Finding::error("environment",
                        fmt::format("LD_PRELOAD is `{}` ({}), without the library", set.value,
                                    subject.files.outside(set.place)),
                        std::move(fix));
}

// The file that our drop-in names need not be the one that counts.
std::optional<Finding> check_configuration(const ServiceSubject& subject) {
  constexpr char kName[] = "SOCKOPT_CONFIG";
  std::optional<std::string> named;
  for (const UnitValue& line : subject.unit.settings.list("Service", "Environment")) {
    if (line.path != subject.drop_in) continue;
    for (const std::string& word : split_unit_words(line.text)) {
      const auto variable = parse_unit_variable(word);
      if (variable && variable->name == kName) named = variable->value;
    }
  }
  if (!named) return std::nullopt;
  const std::string file = expand_specifiers(*named, subject.unit.name).value_or(*named);
  const ServiceVariable* set = subject.environment.find(kName);
  if (set == nullptr) return check_missing(subject, kName, {});
  const bool is_text = set->source == Source::kFile || set->source == Source::kPam;
  return set->value == (is_text ? file : *named) ? std::nullopt : check_other(subject, *set, file);
}

// A drop-in of the same name in a directory that wins.
std::optional<Finding> check_hidden(const ServiceSubject& subject) {
  const std::string name = subject.drop_in.substr(subject.drop_in.rfind('/'));
  const auto& all = subject.unit.drop_ins;
  const auto other = std::find_if(all.begin(), all.end(), [&](const std::string& path) {
    return path != subject.drop_in && path.ends_with(name);
  });
  if (other == all.end()) return std::nullopt;
  return Finding::error("environment",
                        fmt::format("{} is read instead of {}", subject.files.outside(*other),
                                    subject.files.outside(subject.drop_in)),
                        fmt::format("remove or rename {}", subject.files.outside(*other)));
}

}  // namespace

Findings examine_service_environment(const ServiceSubject& subject, const ServicePolicy& policy) {
  Findings found;
  const ServiceVariable* preload = subject.environment.find("LD_PRELOAD");
  if (auto hidden = check_hidden(subject)) {
    found.push_back(std::move(*hidden));
  } else if (preload == nullptr) {
    found.push_back(
        check_missing(subject, "LD_PRELOAD", enable_command(subject.files, {subject.unit.name})));
  } else if (names_library(preload->value, subject.library)) {
    const bool is_to_be_written = subject.planned && preload->place.starts_with(subject.drop_in);
    found.push_back(Finding::ok(
        "environment",
        fmt::format("LD_PRELOAD {} the library ({})", is_to_be_written ? "would name" : "names",
                    subject.files.outside(preload->place))));
  } else {
    found.push_back(check_preload(subject, *preload, enabling(subject, policy)));
  }
  if (auto other = check_configuration(subject)) found.push_back(*std::move(other));
  const ServiceVariable* disable = subject.environment.find("SOCKOPT_DISABLE");
  if (disable != nullptr) {
    const std::string entry = fmt::format("SOCKOPT_DISABLE={}", disable->value);
    const char* const environment[] = {entry.c_str(), nullptr};
    if (is_disabled(environment, {})) {
      found.push_back(Finding::error("environment",
                                     fmt::format("SOCKOPT_DISABLE at {} disables the library",
                                                 subject.files.outside(disable->place)),
                                     "remove it from that line"));
    }
  }
  return found;
}

}  // namespace sockopt
