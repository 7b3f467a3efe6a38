// SPDX-License-Identifier: MIT
//
// examine_service_environment: the last assignment of a variable counts, the files of
// EnvironmentFile= come after every Environment=, and UnsetEnvironment= after all.
#include <fmt/format.h>

#include <algorithm>

#include "shim/config/environment.h"
#include "tools/sockopt/diagnosis/examine_service.h"
#include "tools/sockopt/launch/preload_list.h"
#include "tools/sockopt/report/output.h"

namespace sockopt {
namespace {

using Source = ServiceVariable::Source;

// The drop-ins that are read after ours.
std::vector<std::string> later_drop_ins(const ServiceSubject& subject) {
  const auto& all = subject.unit.drop_ins;
  const auto ours = std::find(all.begin(), all.end(), subject.drop_in);
  return ours == all.end() ? std::vector<std::string>() : std::vector(ours + 1, all.end());
}

Finding check_missing(const ServiceSubject& subject) {
  if (const UnitValue* line = subject.environment.taken_away("LD_PRELOAD")) {
    return Finding::error("environment",
                          fmt::format("UnsetEnvironment= at {} removes LD_PRELOAD", line->place()),
                          "remove LD_PRELOAD from that line");
  }
  const std::vector<std::string> later = later_drop_ins(subject);
  if (!later.empty()) {
    return Finding::error(
        "environment",
        fmt::format("an empty Environment= in a later drop-in removes LD_PRELOAD: {}",
                    joined(later)),
        fmt::format("rename it to sort before {}, and enable again",
                    subject.drop_in.substr(subject.drop_in.rfind('/') + 1)));
  }
  return Finding::error("environment", "LD_PRELOAD is not set",
                        enable_command(subject.files, {subject.unit.name}));
}

Finding check_other(const ServiceSubject& subject, const ServiceVariable& set) {
  if (set.source == Source::kFile) {
    return Finding::error(
        "environment",
        fmt::format("{} sets LD_PRELOAD, and an EnvironmentFile= wins over a drop-in", set.place),
        fmt::format("set LD_PRELOAD={} there", preload_with(subject.library, set.value)));
  }
  const auto& all = subject.unit.drop_ins;
  if (std::find(all.begin(), all.end(), subject.drop_in) == all.end()) {
    return Finding::error(
        "environment",
        fmt::format("LD_PRELOAD is `{}` ({}), without the library", set.value, set.place),
        enable_command(subject.files, {subject.unit.name}));
  }
  return Finding::error(
      "environment",
      fmt::format("{} is read later and sets LD_PRELOAD without the library", set.place),
      fmt::format("rename that drop-in to sort before {}, and enable again",
                  subject.drop_in.substr(subject.drop_in.rfind('/') + 1)));
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
                        fmt::format("{} is read instead of {}", *other, subject.drop_in),
                        fmt::format("remove or rename {}", *other));
}

}  // namespace

Findings examine_service_environment(const ServiceSubject& subject) {
  Findings found;
  const ServiceVariable* preload = subject.environment.find("LD_PRELOAD");
  if (auto hidden = check_hidden(subject)) {
    found.push_back(std::move(*hidden));
  } else if (preload == nullptr) {
    found.push_back(check_missing(subject));
  } else if (names_library(preload->value, subject.library)) {
    found.push_back(Finding::ok("environment",
                                fmt::format("LD_PRELOAD names the library ({})", preload->place)));
  } else {
    found.push_back(check_other(subject, *preload));
  }
  const ServiceVariable* disable = subject.environment.find("SOCKOPT_DISABLE");
  if (disable != nullptr) {
    const std::string entry = fmt::format("SOCKOPT_DISABLE={}", disable->value);
    const char* const environment[] = {entry.c_str(), nullptr};
    if (is_disabled(environment, {})) {
      found.push_back(Finding::error(
          "environment", fmt::format("SOCKOPT_DISABLE at {} disables the library", disable->place),
          "remove it from that line"));
    }
  }
  return found;
}

}  // namespace sockopt
