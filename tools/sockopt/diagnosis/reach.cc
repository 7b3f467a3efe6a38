// SPDX-License-Identifier: MIT
#include "tools/sockopt/diagnosis/reach.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "shim/config/environment.h"
#include "shim/text/text.h"
#include "tools/sockopt/diagnosis/load_problems.h"
#include "tools/sockopt/launch/preload_list.h"
#include "tools/sockopt/report/output.h"
#include "tools/sockopt/report/shell_command.h"
#include "tools/systemd/unit_name.h"

namespace sockopt {
namespace {

Finding not_reached(const ReachFacts& facts, const std::string& why) {
  // What was done already is not asked for again.
  const std::string fix = facts.unit_preload ? restart_enabled(facts) : restart_with_library(facts);
  return Finding::error("reach", fmt::format("the library is not loaded: {}", why),
                        meanwhile(fix, facts.apply));
}

// What is true of the program file, and of no way to start it.
std::optional<Finding> check_executable(const ReachFacts& facts) {
  if (!facts.executable) return std::nullopt;
  const auto problem = find_code_problem(*facts.executable, facts.library_machines);
  if (!problem) return std::nullopt;
  return Finding::error("reach", fmt::format("the library is not loaded: {}", problem->sentence()),
                        after_each_start(facts.apply));
}

// `httpd_t` of `system_u:system_r:httpd_t:s0`; empty where the label is no context of SELinux.
std::string_view selinux_domain(std::string_view label) {
  for (int i = 0; i < 2; ++i) {
    const std::size_t colon = label.find(':');
    if (colon == std::string_view::npos) return {};
    label = slice(label, colon + 1);
  }
  const std::string_view domain = slice(label, 0, label.find(':'));
  return domain.find(' ') == std::string_view::npos ? domain : std::string_view();
}

// Where neither its file nor its user gives it privileges, it is SELinux: a change of domain makes
// AT_SECURE, unless the policy says noatsecure.
Finding lost_in_transition(const ReachFacts& facts, std::string_view domain) {
  constexpr std::string_view kStarter = "init_t";  // of systemd, for its services
  return Finding::error(
      "reach",
      fmt::format("the library is not loaded: SELinux changed its domain to {} at exec (or it is "
                  "set-user-ID, or has file capabilities), so the loader ignores LD_PRELOAD",
                  domain),
      meanwhile(fmt::format("echo '(allow {0} {1} (process (noatsecure)))' >sockopt_{1}.cil && "
                            "semodule -i sockopt_{1}.cil  # then: {2}",
                            kStarter, domain, restart(facts)),
                facts.apply));
}

std::optional<Finding> check_privileges(const ReachFacts& facts) {
  if (!facts.process.secure) return std::nullopt;
  const std::string& label = facts.process.confinement;
  const std::string_view domain = selinux_domain(label);
  if (!domain.empty() && domain != "unconfined_t") {
    return lost_in_transition(facts, domain);
  }
  return Finding::error(
      "reach",
      fmt::format("the library is not loaded: it gained privileges at exec (set-user-ID, file "
                  "capabilities{}), so the loader ignores LD_PRELOAD",
                  label.empty() ? "" : fmt::format(", or a change to the profile {}", label)),
      meanwhile("start it with the privileges that it needs (a unit's User=, AmbientCapabilities=) "
                "instead",
                facts.apply));
}

// Its unit has the library, and this process has not.
std::optional<Finding> check_unit(const ReachFacts& facts) {
  if (!facts.unit_preload) return std::nullopt;
  const UnitPreload& unit = *facts.unit_preload;
  if (unit.changed >= facts.started) {
    return Finding::error(
        "reach",
        fmt::format("the library is not loaded: it started before {} was enabled", facts.unit),
        meanwhile(restart_enabled(facts), facts.apply));
  }
  if (unit.what.empty()) return std::nullopt;
  return Finding::error("reach", fmt::format("the library is not loaded: {}", unit.what),
                        meanwhile(unit.fix, facts.apply));
}

// The variables that only the library heeds, by name, where LD_PRELOAD is not with them.
std::string left_behind(const StartEnvironment& environment) {
  for (const std::string& entry : environment.entries) {
    if (entry.starts_with(kVariablePrefix)) return entry.substr(0, entry.find('='));
  }
  return {};
}

Finding check_absence(const ReachFacts& facts) {
  const StartEnvironment& environment = facts.process.environment;
  const std::string other(environment.get("LD_PRELOAD"));
  if (names_zmq_library(other) && !facts.ancestor && !facts.unit_preload) {
    return Finding::note(
        "reach",
        fmt::format("LD_PRELOAD was `{}`: without libsockopt.so, its TCP sockets "
                    "are left alone",
                    printable(other, 120)),
        fmt::format("where that is set, write LD_PRELOAD={}", preload_with(facts.library, other)));
  }
  const std::string left = left_behind(environment);
  const std::string from =
      facts.ancestor
          ? fmt::format("its ancestor {}({}) has the library in it, so it was replaced on the way",
                        facts.ancestor->name, facts.ancestor->pid)
      : facts.unit_preload
          ? fmt::format("{} has the library in it, so it was replaced on the way", facts.unit)
      : left.empty()
          ? ""
          : fmt::format("{} is there, so the library in it was replaced on the way", left);
  // A copy of the library may be called anything; that it was replaced, nothing tells.
  if (!facts.missing.empty() && !left.empty() && !facts.ancestor && !facts.unit_preload) {
    return Finding::error(
        "reach",
        fmt::format("the library is not loaded: LD_PRELOAD names {}, which is not there{}",
                    printable(facts.missing, 120), facts.root.empty() ? "" : ' ' + facts.root),
        meanwhile(fmt::format("where that is set, write {} in its place; then: {}", facts.library,
                              restart(facts)),
                  facts.apply));
  }
  if (!other.empty() && !from.empty()) {
    return Finding::error("reach",
                          fmt::format("the library is not loaded: LD_PRELOAD was `{}`; {}",
                                      printable(other, 120), from),
                          meanwhile(fmt::format("where that is set, write LD_PRELOAD={}",
                                                preload_with(facts.library, other)),
                                    facts.apply));
  }
  if (!other.empty()) {
    return not_reached(facts, fmt::format("LD_PRELOAD was `{}`", printable(other, 120)));
  }
  if (facts.unit_preload && facts.unit_preload->changed >= facts.started) return *check_unit(facts);
  const bool had_it = facts.ancestor || facts.unit_preload;
  if (facts.cleaner && (facts.cleaner->always || had_it)) {
    return Finding::error("reach",
                          fmt::format("the library is not loaded: {}", facts.cleaner->what),
                          meanwhile(facts.cleaner->fix, facts.apply));
  }
  if (facts.ancestor) {
    return Finding::error(
        "reach",
        fmt::format("the library is not loaded: its ancestor {}({}) has LD_PRELOAD and did not "
                    "pass it on (a wrapper, sudo, `su -`, `env -i`)",
                    facts.ancestor->name, facts.ancestor->pid),
        meanwhile("set LD_PRELOAD after the wrapper, in its environment file, or start the program "
                  "there with `sockopt run`",
                  facts.apply));
  }
  if (auto found = check_unit(facts)) return *std::move(found);
  if (!environment.intact) {
    return not_reached(facts,
                       "whether LD_PRELOAD was set is unknown: the process has written its title "
                       "over its environment");
  }
  if (facts.unit_preload && left.empty()) {
    return Finding::error(
        "reach",
        fmt::format("the library is not loaded: {} has it; either systemd had not read that when "
                    "the process started, or something on the way removed LD_PRELOAD (`env -u`, "
                    "`unset`)",
                    facts.unit),
        meanwhile(restart_enabled(facts), facts.apply));
  }
  if (!left.empty()) {
    return Finding::error(
        "reach",
        fmt::format("the library is not loaded: {} it, and something on the way removed LD_PRELOAD "
                    "(`env -u`, `unset`)",
                    fmt::format("{} is there without", left)),
        meanwhile("set LD_PRELOAD behind that, or start the program there with `sockopt run`",
                  facts.apply));
  }
  return not_reached(facts, "LD_PRELOAD was not set when it started");
}

// The environment names it, and the loader did not take it.
Finding check_loader(const ReachFacts& facts) {
  const std::string& word = facts.named.front();
  const std::string named = fmt::format("LD_PRELOAD names {}", printable(word, 120));
  const bool by_path = word.find('/') != std::string::npos;
  if (!facts.named_file) {
    return Finding::error(
        "reach",
        fmt::format("{}, which the loader does not find{}", named,
                    facts.root.empty() ? "" : ' ' + facts.root),
        fmt::format("ldconfig, or the full path in LD_PRELOAD; then: {}", restart(facts)));
  }
  const LibraryFile& file = *facts.named_file;
  const ElfMachine machine =
      facts.executable ? facts.executable->machine : facts.library_machines.front();
  const std::string why = why_not_taken(file, machine);
  if (!why.empty()) {
    return Finding::error(
        "reach",
        fmt::format("{}{}, which {}{}", named, by_path ? "" : fmt::format(" ({})", file.path), why,
                    facts.root.empty() ? "" : ' ' + facts.root),
        fmt::format("install it into /usr/lib{}, and name it in LD_PRELOAD; then: {}",
                    facts.root.empty() ? "" : ' ' + facts.root, restart(facts)));
  }
  if (file.changed >= facts.started) {
    return Finding::error("reach", fmt::format("{}, which was installed after it started", named),
                          meanwhile(restart(facts), facts.apply));
  }
  const std::string& label = facts.process.confinement;
  return Finding::error(
      "reach",
      fmt::format(
          "{}, but the loader did not load it; its message is on the program's standard error{}",
          named, label.empty() ? "" : fmt::format(" (it is confined by {})", label)),
      facts.unit.empty() ? "LD_DEBUG=libs " + command_text({facts.process.executable})
                         : command_text({"journalctl", "-u", facts.unit, "-g", "LD_PRELOAD"}));
}

Findings check_loaded(const ReachFacts& facts, const LoadedLibrary& loaded) {
  Findings found;
  const StartEnvironment& environment = facts.process.environment;
  if (loaded.replaced && loaded.removed) {
    found.push_back(Finding::warning(
        "reach",
        fmt::format("it runs with {}, which was removed since; once it restarts, it has none",
                    loaded.path),
        fmt::format("install it there again; then: {}", restart(facts))));
  } else if (loaded.replaced) {
    found.push_back(Finding::warning(
        "reach", fmt::format("it runs with a {} that was replaced since", loaded.path),
        restart(facts)));
  } else if (facts.executable && facts.executable->is_go) {
    found.push_back(Finding::error(
        "reach",
        fmt::format("{} is loaded, but this is a Go program (with cgo): Go makes its system calls "
                    "itself, and the library sees only those of C code in it",
                    loaded.path),
        after_each_start(facts.apply)));
  } else {
    found.push_back(Finding::ok(
        "reach",
        fmt::format("{} is loaded{}", loaded.path,
                    loaded.version.empty() ? "" : ", version " + printable(loaded.version))));
  }
  if (!environment.intact) return found;
  const bool has_variables =
      std::any_of(environment.entries.begin(), environment.entries.end(),
                  [](const std::string& entry) { return entry.starts_with(kVariablePrefix); });
  if (facts.process.secure && has_variables) {
    found.push_back(Finding::warning(
        "variables", "its SOCKOPT_ variables are ignored: it gained privileges at exec",
        "move the settings to " SOCKOPT_DEFAULT_CONFIG));
  } else if (facts.named.empty() && has_variables) {
    found.push_back(Finding::warning("variables",
                                     "its SOCKOPT_ variables are ignored: the library comes from "
                                     "/etc/ld.so.preload, not from LD_PRELOAD",
                                     "move the settings to " SOCKOPT_DEFAULT_CONFIG));
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

std::string meanwhile(const std::string& fix, const std::string& apply) {
  if (apply.empty()) return fix;
  constexpr std::array<std::string_view, 5> kCommands = {"systemctl", "sockopt", "echo", "postconf",
                                                         "printf"};
  const std::string_view word = slice(fix, 0, fix.find(' '));
  const bool is_command = std::find(kCommands.begin(), kCommands.end(), word) != kCommands.end();
  const bool has_comment = fix.find("  # ") != std::string::npos;
  return fmt::format("{}{}until then: {}", fix, is_command && !has_comment ? "  # " : "; ", apply);
}

std::string after_each_start(const std::string& apply) {
  return apply.empty() ? "" : apply + "  # again after each start";
}

std::string restart(const ReachFacts& facts) {
  if (is_made_by_a_runtime(facts.container)) return "restart its container";
  // A scope is what somebody started, and cannot be started again by its name.
  if (!facts.unit.ends_with(".service")) return "restart it";
  if (facts.per_connection) return "nothing: each new connection starts it anew";
  return fmt::format("{}systemctl restart {}", inside(facts.container), command_text({facts.unit}));
}

std::string restart_enabled(const ReachFacts& facts) {
  if (is_made_by_a_runtime(facts.container) || !facts.unit.ends_with(".service")) {
    return restart(facts);
  }
  const std::string reload = fmt::format("{}systemctl daemon-reload", inside(facts.container));
  if (facts.per_connection) return reload + "  # new connections have it";
  return fmt::format("{} && systemctl restart {}", reload, command_text({facts.unit}));
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
      return fmt::format("add `-v {1}:{1}:ro -e LD_PRELOAD={1}` to its `{0} run`",
                         facts.container == Container::kDocker ? "docker" : "podman", kLibrary);
    case Container::kNone:
    case Container::kLxc:
    case Container::kNspawn:
      break;
  }
  // A configuration with a mistake is not enabled, nor run.
  const std::string where =
      facts.check.empty()
          ? std::string(inside(facts.container))
          : fmt::format("correct what `{}` shows; then{}: ", facts.check,
                        inside(facts.container).empty() ? "" : ", in its container");
  if (facts.per_connection) {
    return fmt::format("{}{} {} && systemctl daemon-reload  # new connections have it", where,
                       facts.enable, command_text({unit_template(facts.unit)}));
  }
  if (facts.unit.ends_with(".service")) {
    return fmt::format("{1}{2} {0} && systemctl daemon-reload && systemctl restart {0}",
                       command_text({facts.unit}), where, facts.enable);
  }
  return fmt::format("{}start it with `sockopt run`", where);
}

Findings examine_reach(const ReachFacts& facts) {
  if (facts.process.executable.empty()) {
    return {Finding::note("reach", "it is a kernel thread")};
  }
  if (facts.loaded) return check_loaded(facts, *facts.loaded);
  if (auto found = check_executable(facts)) return {*std::move(found)};
  if (auto found = check_privileges(facts)) return {*std::move(found)};
  return {facts.named.empty() ? check_absence(facts) : check_loader(facts)};
}

}  // namespace sockopt
