// SPDX-License-Identifier: MIT
#include "tools/sockopt/diagnosis/program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <system_error>

#include "shim/policy/plan.h"
#include "shim/text/text.h"
#include "tools/inspect/host.h"
#include "tools/inspect/unique_fd.h"
#include "tools/sockopt/diagnosis/bounds.h"
#include "tools/sockopt/diagnosis/from_outside.h"
#include "tools/sockopt/diagnosis/load_problems.h"
#include "tools/sockopt/diagnosis/start_findings.h"
#include "tools/sockopt/diagnosis/zmq_findings.h"
#include "tools/sockopt/launch/executed_files.h"
#include "tools/sockopt/launch/library.h"
#include "tools/sockopt/launch/sanitizer.h"
#include "tools/sockopt/policy/configuration_file.h"
#include "tools/sockopt/report/output.h"
#include "tools/sockopt/report/shell_command.h"

namespace sockopt {
namespace {

// Who asks as root gains nothing by such a program; the user who is to start it may.
Findings examine_rights_of_others(int fd, const std::string& path) {
  constexpr uid_t kNobody = 65534;
  const auto rights = find_rights_problem(
      fd, {.real_user = kNobody, .user = kNobody, .real_group = kNobody, .group = kNobody});
  if (!rights) return {};
  return {Finding::note(
      "rights", fmt::format("{}, if another user starts it: {}", path, rights->what), rights->fix)};
}

Findings examine_binary(const std::string& path, const ElfMachines& library,
                        const std::string& apply) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  const auto elf = file ? read_elf_file(file.get()) : std::nullopt;
  if (!elf) {
    return {Finding::note("reach",
                          fmt::format("{} cannot be read, so nothing is known about it", path))};
  }
  Findings found = examine_code(path, *elf, library, apply);
  if (find_code_problem(*elf, library)) return found;
  // What is left of the problems is about rights.
  if (auto rights = find_load_problem(path, library)) {
    rights->what = fmt::format("{}: {}", path, rights->what);
    found.push_back(*std::move(rights));
  } else if (::getuid() == 0) {
    append(found, examine_rights_of_others(file.get(), path));
  }
  return found;
}

Finding no_program(const std::string& name) {
  if (name.find('/') == std::string::npos) {
    return Finding::error("program", "there is no such program in PATH",
                          fmt::format("give the full path of {}", name));
  }
  if (::access(name.c_str(), F_OK) != 0) {
    return Finding::error(
        "program", fmt::format("{} does not exist", name),
        command_text({"ls", "-l", std::filesystem::path(name).parent_path().native()}));
  }
  std::error_code unknown;
  if (std::filesystem::is_directory(name, unknown)) {
    return Finding::error("program", fmt::format("{} is a directory", name),
                          command_text({"ls", "-l", name}));
  }
  return Finding::error("program", fmt::format("{} is not executable", name),
                        command_text({"chmod", "+x", name}));
}

std::string last_of(const StartLine& line) {
  return line.words.empty() ? std::string() : line.words.front();
}

// What starts the program, and what of that rules know.
Findings examine_way(const StartLine& line, const ExecutedFiles& files,
                     const ExecutedFiles& started, const std::string& typed) {
  Findings found;
  if (!line.wrappers.empty() && !line.loss && last_of(line) != typed) {
    found.push_back(Finding::ok(
        "wrapper", fmt::format("{} hands its environment on to {}", typed, started.path)));
  }
  if (line.script.empty() && !files.binaries.empty() && files.binaries.back() != files.path) {
    found.push_back(
        Finding::ok("script", fmt::format("{} is run by {}; `program =` matches either name",
                                          files.path, files.binaries.back())));
  }
  return found;
}

// Which program a script starts, only the script knows when it runs.
Findings examine_unknown(const StartLine& line, const Policy& policy) {
  const std::string what =
      fmt::format("which program it starts is known only once it runs: {}", line.unknown);
  const std::string fix =
      "once it runs, name its PID to `sockopt doctor`, which says what rules know it as";
  const auto script = std::make_unique<Program>();
  script->set(line.script, line.script, {});
  for (std::size_t i = 0; i < policy.rule_count() && !line.script.empty(); ++i) {
    const Rule& rule = policy.rule(i);
    if (rule.is_void() || rule.programs.count == 0) continue;
    if (!policy.matches_program(rule, *script)) continue;
    return {
        Finding::warning("settings",
                         fmt::format("{}; [rule {}] is for the script, and not for that program",
                                     what, printable(policy.name(rule))),
                         fix)};
  }
  return {Finding::note("program", what, fix)};
}

}  // namespace

Findings examine_code(const std::string& path, const ElfFile& file, const ElfMachines& library,
                      const std::string& apply) {
  if (const auto problem = find_code_problem(file, library)) {
    return {Finding::error("reach", fmt::format("{}: {}", path, problem->what),
                           apply.empty() ? problem->fix : fmt::format("once it runs: {}", apply))};
  }
  Findings found;
  found.push_back(Finding::ok(
      "reach", fmt::format("{} is a dynamically linked {} program ({})", path, file.machine.text(),
                           file.is_musl() ? "musl" : file.loader)));
  const std::string runtime = sanitizer_runtime(file);
  if (!runtime.empty()) {
    found.push_back(Finding::error(
        "sanitizer",
        fmt::format("{} is built with a sanitizer, whose {} must come before every other library",
                    path, runtime),
        fmt::format("LD_PRELOAD={}:libsockopt.so, as `sockopt run` sets it", runtime)));
    found.back().ends_program = true;
  }
  if (file.is_musl()) {
    found.push_back(Finding::note("musl",
                                  fmt::format("{}: musl's loader searches its own directories, and "
                                              "is silent about a library that it does not find",
                                              path),
                                  "the full path in LD_PRELOAD, as `sockopt run` sets it"));
  }
  if (!file.needed_like("libseccomp.so").empty()) {
    found.push_back(Finding::note(
        "sandbox", fmt::format("{} may install a seccomp filter, which disables the library: only "
                               "sockets that listen before then get options",
                               path)));
  }
  return found;
}

Findings examine_settings_for(const Policy& policy, const Program& program) {
  if (policy.empty()) return {};
  const auto plan = std::make_unique<Plan>();
  plan->make(policy, program);
  if (plan->empty()) return {};  // examine_rules_for says so
  std::size_t waiting = 0;
  std::size_t always = 0;
  for (const OptionId id : plan->possible()) {
    ++(plan->base().wanted.contains(id) ? always : waiting);
  }
  return {Finding::ok(
      "settings", fmt::format("{}: {} on each of its sockets, {} by address", telling_name(program),
                              counted(always, "option"), waiting))};
}

Examined examine_program(const std::vector<std::string>& words, const EffectivePolicy& effective,
                         const PolicySources& sources) {
  Examined examined{.kind = "program", .name = command_text(words), .found = {}};
  Findings& found = examined.found;
  const ExecutedFiles files = find_executed_files(words.front());
  if (files.path.empty()) {
    found.push_back(no_program(words.front()));
    return examined;
  }
  if (!files.missing.empty()) {
    found.push_back(Finding::error("program",
                                   fmt::format("its interpreter {} does not exist", files.missing),
                                   "install it, or correct the first line of the script"));
    return examined;
  }
  const StartLine line = follow_start_line(words, installed_library(), effective.variables());
  append(found, examine_start_line(line));
  if (!line.unknown.empty()) {
    append(found, examine_unknown(line, effective.policy()));
    return examined;
  }
  const std::vector<std::string>& last = line.words.empty() ? words : line.words;
  const ExecutedFiles started = find_executed_files(last.front());
  if (started.path.empty()) {
    found.push_back(no_program(last.front()));
    return examined;
  }
  append(found, examine_way(line, files, started, words.front()));
  const ElfMachines library = installed_machines();
  const bool can_apply = effective.faults().empty() && !effective.policy().empty();
  const std::string apply =
      can_apply ? apply_command(sources, std::string(base_name(last.front()))) : std::string();
  for (const std::string& binary : started.binaries) {
    append(found, softened(examine_binary(binary, library, apply), line));
  }
  const bool is_out_of_reach = std::any_of(
      started.binaries.begin(), started.binaries.end(),
      [&](const std::string& binary) { return find_load_problem(binary, library).has_value(); });
  if (is_out_of_reach && can_apply && !may_start_another(line)) {
    auto offer = offer_engine("the bpf engine reaches it, as all that is started in this cgroup",
                              attach_command(effective, sources, own_attach_target()),
                              effective.policy().has_programs());
    if (offer) found.push_back(*std::move(offer));
  }

  const auto named = name_program(FileTree::host(), last, started);
  const Program& program = named->program;
  const auto script = std::make_unique<Program>();
  script->set(line.script, line.script, {});
  const Findings of_zmq = examine_zmq_of_program(effective.zmq(), program);
  if (of_zmq.empty()) {
    append(found, examine_rules_for(effective.policy(), program,
                                    line.script.empty() ? nullptr : script.get()));
  }
  append(found, of_zmq);
  append(found, examine_settings_for(effective.policy(), program));
  const std::vector<Wanted> wanted = wanted_settings(effective.policy(), &program);
  utsname system = {};
  ::uname(&system);
  append(found, examine_kernel(wanted, system.release, probe_option));
  append(found, examine_bounds(wanted, read_host(), own_network_place(), std::nullopt));
  return examined;
}

}  // namespace sockopt
