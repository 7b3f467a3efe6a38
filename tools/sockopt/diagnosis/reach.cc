// SPDX-License-Identifier: MIT
#include "tools/sockopt/diagnosis/reach.h"

#include <fmt/format.h>

#include <algorithm>

#include "shim/config/environment.h"
#include "shim/text/text.h"
#include "tools/sockopt/diagnosis/hindrance.h"
#include "tools/sockopt/report/output.h"

namespace sockopt {
namespace {

Finding not_reached(const ReachFacts& facts, const std::string& why) {
  return Finding::error(
      "reach", fmt::format("the library is not in it: {}", why),
      fmt::format("{}; until then: {}", restart_with_library(facts), facts.apply));
}

// What is true of the program file, and of no way to start it.
std::optional<Finding> judge_executable(const ReachFacts& facts) {
  if (!facts.executable) return std::nullopt;
  const auto hindrance = find_code_hindrance(*facts.executable, facts.library_machine);
  if (!hindrance) return std::nullopt;
  return Finding::error("reach", fmt::format("the library is not in it: {}", hindrance->sentence()),
                        fmt::format("{} (again after each start)", facts.apply));
}

std::optional<Finding> judge_privileges(const ReachFacts& facts) {
  if (!facts.process.secure) return std::nullopt;
  const std::string& label = facts.process.confinement;
  return Finding::error(
      "reach",
      fmt::format("the library is not in it: it gained rights when it was executed (set-user-ID, "
                  "file capabilities{}), and then the loader ignores LD_PRELOAD",
                  label.empty() ? "" : fmt::format(", or a change to the profile {}", label)),
      fmt::format("start it with the rights that it needs (User=, AmbientCapabilities= of a unit) "
                  "in place of that; until then: {}",
                  facts.apply));
}

Finding judge_absence(const ReachFacts& facts) {
  const StartEnvironment& environment = facts.process.environment;
  if (facts.ancestor) {
    return Finding::error(
        "reach",
        fmt::format("the library is not in it: {}({}), which started it, has LD_PRELOAD and did "
                    "not hand it on (a wrapper, sudo, `su -`, `env -i`)",
                    facts.ancestor->name, facts.ancestor->pid),
        fmt::format("set LD_PRELOAD behind the wrapper, in its own environment file, or put "
                    "`sockopt run` in front of the program there; until then: {}",
                    facts.apply));
  }
  const std::string_view other = environment.get("LD_PRELOAD");
  if (!other.empty()) {
    return not_reached(facts, fmt::format("LD_PRELOAD was `{}`", printable(other, 120)));
  }
  if (!environment.intact) {
    return not_reached(facts,
                       "whether LD_PRELOAD was set cannot be told: it has written its title over "
                       "its environment");
  }
  return not_reached(facts, "LD_PRELOAD was not set when it was started");
}

// The environment names it, and the loader did not take it.
Finding judge_loader(const ReachFacts& facts) {
  const std::string& word = facts.named.front();
  const std::string named = fmt::format("LD_PRELOAD names {}", printable(word, 120));
  const bool by_path = word.find('/') != std::string::npos;
  if (!facts.named_file) {
    return Finding::error(
        "reach", fmt::format("{}, which the loader does not find", named),
        fmt::format("ldconfig, or the full path in LD_PRELOAD; then: {}", restart(facts)));
  }
  const LibraryFile& file = *facts.named_file;
  const ElfMachine machine = facts.executable ? facts.executable->machine : facts.library_machine;
  const std::string why = why_not_taken(file, machine);
  if (!why.empty()) {
    return Finding::error(
        "reach",
        fmt::format("{}{}, and it {}", named, by_path ? "" : fmt::format(" ({})", file.path), why),
        fmt::format("install it into /usr/lib, and name it in LD_PRELOAD; then: {}",
                    restart(facts)));
  }
  if (file.changed >= facts.started) {
    return Finding::error("reach",
                          fmt::format("{}, which was put there after it was started", named),
                          fmt::format("{}; until then: {}", restart(facts), facts.apply));
  }
  const std::string& label = facts.process.confinement;
  return Finding::error(
      "reach",
      fmt::format("{}, and the loader did not take it; what it said is on the program's standard "
                  "error{}",
                  named, label.empty() ? "" : fmt::format(" (it is confined by {})", label)),
      facts.unit.empty() ? fmt::format("LD_DEBUG=libs {}", printable(facts.process.executable))
                         : fmt::format("journalctl -u {} -g LD_PRELOAD", facts.unit));
}

Findings judge_loaded(const ReachFacts& facts, const LoadedLibrary& loaded) {
  Findings found;
  const StartEnvironment& environment = facts.process.environment;
  if (loaded.replaced) {
    found.push_back(Finding::warning(
        "reach",
        fmt::format("it runs with a {} that is no longer there; the file of that name by now is "
                    "another",
                    loaded.path),
        restart(facts)));
  } else {
    found.push_back(Finding::ok(
        "reach",
        fmt::format("{} is in it{}", loaded.path,
                    loaded.version.empty() ? "" : ", version " + printable(loaded.version))));
  }
  if (!environment.intact) return found;
  const bool has_variables =
      std::any_of(environment.entries.begin(), environment.entries.end(),
                  [](const std::string& entry) { return entry.starts_with(kVariablePrefix); });
  if (facts.process.secure && has_variables) {
    found.push_back(Finding::warning(
        "variables", "its SOCKOPT_ variables do not count: it gained rights when it was executed",
        "write the settings into " SOCKOPT_DEFAULT_CONFIG));
  } else if (facts.named.empty() && has_variables) {
    found.push_back(Finding::warning(
        "variables",
        "its SOCKOPT_ variables do not count: LD_PRELOAD does not name the library beside them "
        "(it came from /etc/ld.so.preload)",
        "write the settings into " SOCKOPT_DEFAULT_CONFIG));
  }
  return found;
}

// Of one program, and started by the words of a command line or a specification.
bool is_made_by_a_runtime(Container container) {
  return container == Container::kPod || container == Container::kDocker ||
         container == Container::kPodman;
}

// Systems with a service manager of their own.
std::string_view inside(Container container) {
  return container == Container::kLxc || container == Container::kNspawn ? "in its container: "
                                                                         : "";
}

}  // namespace

std::string restart(const ReachFacts& facts) {
  if (is_made_by_a_runtime(facts.container)) return "start its container again";
  // A scope is what somebody started, and cannot be started again by its name.
  if (!facts.unit.ends_with(".service")) return "start it again";
  return fmt::format("{}systemctl restart {}", inside(facts.container), facts.unit);
}

std::string restart_with_library(const ReachFacts& facts) {
  constexpr std::string_view kLibrary = SOCKOPT_FULL_LIBDIR "/libsockopt.so";
  switch (facts.container) {
    case Container::kPod:
      return fmt::format(
          "in the pod's spec, a volume that has {0}, and for the container env: [{{name: "
          "LD_PRELOAD, value: {0}}}]",
          kLibrary);
    case Container::kDocker:
    case Container::kPodman:
      return fmt::format("{0} run -v {1}:{1}:ro -e LD_PRELOAD={1} ...",
                         facts.container == Container::kDocker ? "docker" : "podman", kLibrary);
    case Container::kNone:
    case Container::kLxc:
    case Container::kNspawn:
      break;
  }
  const std::string_view where = inside(facts.container);
  if (facts.unit.ends_with(".service")) {
    return fmt::format("{1}sockopt enable {0} && systemctl restart {0}", facts.unit, where);
  }
  return fmt::format("{}start it with `sockopt run`", where);
}

Findings examine_reach(const ReachFacts& facts) {
  if (facts.process.executable.empty()) {
    return {Finding::note("reach", "it is a thread of the kernel, and runs no program")};
  }
  if (facts.loaded) return judge_loaded(facts, *facts.loaded);
  if (auto found = judge_executable(facts)) return {*std::move(found)};
  if (auto found = judge_privileges(facts)) return {*std::move(found)};
  return {facts.named.empty() ? judge_absence(facts) : judge_loader(facts)};
}

}  // namespace sockopt
