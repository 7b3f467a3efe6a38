// SPDX-License-Identifier: MIT
#include "tools/sockopt/verbs/enable/enabler.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "tools/inspect/targets.h"
#include "tools/sockopt/bpf/attachments.h"
#include "tools/sockopt/bpf/cgroup_tree.h"
#include "tools/sockopt/diagnosis/command_file.h"
#include "tools/sockopt/diagnosis/examine_service.h"
#include "tools/sockopt/diagnosis/library_file.h"
#include "tools/sockopt/diagnosis/section_scope.h"
#include "tools/sockopt/diagnosis/unit.h"
#include "tools/sockopt/launch/library.h"
#include "tools/sockopt/launch/loader_cache.h"
#include "tools/sockopt/live/change_report.h"
#include "tools/sockopt/live/live_apply.h"
#include "tools/sockopt/live/undo_history.h"
#include "tools/sockopt/policy/zmq_policy.h"
#include "tools/sockopt/report/line_diff.h"
#include "tools/sockopt/report/output.h"
#include "tools/sockopt/report/shell_command.h"
#include "tools/sockopt/units/accepting_socket.h"
#include "tools/sockopt/units/drop_in.h"
#include "tools/sockopt/units/drop_in_file.h"
#include "tools/sockopt/units/service_check.h"
#include "tools/sockopt/units/service_preload.h"
#include "tools/sockopt/units/service_start.h"
#include "tools/sockopt/units/suggest_unit.h"
#include "tools/sockopt/verb.h"
#include "tools/sockopt/verbs/policy_arguments.h"
#include "tools/systemd/service_user.h"
#include "tools/systemd/unit_name.h"

namespace sockopt {
namespace {

constexpr std::string_view kChanged = "changed";
constexpr std::string_view kUnchanged = "unchanged";

// Why a unit cannot be enabled at all.
struct Refusal {
  explicit Refusal(Finding found) : finding(std::move(found)) {}
  explicit Refusal(std::string what, std::string fix = {})
      : finding(Finding::error("unit", std::move(what), std::move(fix))) {}

  Finding finding;
};

void refuse_what_cannot_be_enabled(const FileTree& files, const UnitIndex& index,
                                   const SystemdUnit& unit) {
  auto problem = find_unit_problem(files, index, unit, [&](const std::vector<std::string>& units) {
    return enable_command(files, units);
  });
  if (!problem) return;
  if (unit.state == SystemdUnit::State::kMissing) {
    problem->fix = suggest_unit(files, index, unit.name);
  }
  throw Refusal(*std::move(problem));
}

// What is the same for all units is read once.
class Enabler {
 public:
  Enabler(const FileTree& files, const EnableArguments& given, Output& out)
      : files_(files), given_(given), index_(files), out_(out) {
    if (engine_of(given.engine) == Engine::kBpf) {
      attacher_ = find_command_in(files);
      if (attacher_.empty()) {
        throw Refusal("--engine bpf needs the sockopt command there", "install it first");
      }
      configuration_ = find_configuration();
      return;
    }
    library_ = find_library_in(files);
    if (library_.empty()) {
      throw Refusal(
          "libsockopt.so is not installed there",
          fmt::format("install it into {}{} first", files.outside(""), SOCKOPT_FULL_LIBDIR));
    }
    machines_ = library_machines(files, library_);
    if (machines_.empty()) {
      throw Refusal(fmt::format("{} is not a library", files.outside(library_)));
    }
    if (given.require) checker_ = find_checker();
    configuration_ = find_configuration();
  }

  // Fills in what becomes of it, as far as it comes; throws Refusal.
  void enable(const std::string& typed, EnabledUnit& unit) {
    const std::string name = service_name(files_, index_, typed);
    // Where it is an alias, the drop-in belongs to the unit itself.
    const DropInFile file(files_, index_.find(name).name);
    const SystemdUnit before = load_unit(files_, index_, name, {file.path(), std::nullopt});
    refuse_what_cannot_be_enabled(files_, index_, before);
    unit.name = before.name;
    unit.path = files_.outside(file.path());
    const auto present = file.read();
    if (!present) throw Refusal(present.failure().text());
    refuse_strangers(file, *present);

    const std::string text = compose(before, file.path());
    const SystemdUnit after = load_unit(files_, index_, name, {file.path(), text});
    const ServiceEnvironment environment(files_, after);
    const bool planned = given_.common.dry_run && *present != text;
    const ServiceSubject subject = {files_,   after,     environment, file.path(),
                                    library_, machines_, planned};
    const ServicePolicy policy(subject);
    const bool is_faulty = complain_of_faults(after, policy, unit.findings);
    const Findings found =
        is_bpf() ? examine_service_engine(subject, policy) : examine_service(subject, policy);
    append(unit.findings, found);
    unit.status = tell(after.name, found);
    const bool is_harmful = std::any_of(found.begin(), found.end(),
                                        [](const Finding& one) { return one.ends_program; });
    if (is_faulty || is_harmful || is_refused_by_check(after, policy)) {
      // What the drop-in would bring is not there.
      std::erase_if(unit.findings, [](const Finding& one) { return one.level == Level::kOk; });
      throw Refusal("nothing was written");
    }
    unit.result = write(file, *present, text);
    if (unit.result == kChanged && unit.status == kDone && !given_.common.now && files_.is_host()) {
      const bool per_connection = !accepting_socket(files_, after.name).empty();
      out_.print("Takes effect with: systemctl daemon-reload{}\n",
                 per_connection ? "; each new connection starts the service anew"
                                : " && systemctl restart " + command_text({after.name}));
    }
    if (given_.common.now) unit.status = worse(unit.status, act_now(after.name, policy, unit));
  }

 private:
  bool is_bpf() const { return !attacher_.empty(); }

  // One that cannot run would keep the service from starting, ever.
  std::string find_checker() const {
    const std::string path = find_command_in(files_);
    if (path.empty()) {
      throw Refusal("--require needs the sockopt command there", "install it first");
    }
    // On this host it is what runs now.
    const std::string why =
        files_.is_host() ? std::string() : why_not_runnable(files_, path, machines_.front());
    if (!why.empty()) {
      throw Refusal(fmt::format("--require needs the sockopt command there, and {} cannot run: {}",
                                files_.outside(path), why));
    }
    return path;
  }

  std::string find_configuration() const {
    if (given_.configuration.empty()) return {};
    if (!files_.is_host() && !given_.configuration.starts_with('/')) {
      throw UsageError(fmt::format("--config {}: with --root, takes an absolute path within it",
                                   printable(given_.configuration)));
    }
    std::string path = std::filesystem::absolute(given_.configuration).lexically_normal().native();
    if (!files_.status(path)) {
      throw UsageError(
          fmt::format("--config {}: there is no such file", printable(files_.outside(path))));
    }
    return path;
  }

  void refuse_strangers(const DropInFile& file, const std::optional<std::string>& present) const {
    if (!present) return;
    switch (authorship(*present)) {
      case Authorship::kOurs:
        return;
      case Authorship::kEdited:
        throw Refusal(fmt::format("{} was edited by hand and is kept", files_.outside(file.path())),
                      "remove it and enable again");
      case Authorship::kForeign:
        throw Refusal(
            fmt::format("{} was not written by sockopt and is kept", files_.outside(file.path())));
    }
  }

  // libsockopt-zmq.so, where it is there and the configuration has something for ZeroMQ's sockets.
  std::string zmq_preload_for(const ServiceSubject& subject) const {
    const std::string path = zmq_library_beside(library_);
    const ServicePolicy policy(subject, configuration_);
    const bool is_needed = zmq_settings_in_force(policy.zmq()) != 0 && files_.status(path);
    return is_needed ? service_preload_word(files_, subject.unit, path) : std::string();
  }

  std::string compose(const SystemdUnit& unit, const std::string& path) const {
    const ServiceEnvironment environment(files_, unit);
    const ServiceSubject subject = {files_, unit, environment, path, library_, machines_, false};
    const ServiceVariable* preload = environment.find_assigned("LD_PRELOAD");
    const DropIn drop_in = {
        .unit = unit.name,
        .library = library_,
        .preload = is_bpf() ? std::string() : service_preload_word(files_, unit, library_),
        .preload_before = preload == nullptr ? "" : preload->value,
        .configuration = configuration_,
        .check = service_check_words(files_, unit, checker_),
        .attacher = attacher_,
        .must_attach = given_.require,
        .preload_zmq = is_bpf() ? std::string() : zmq_preload_for(subject)};
    return drop_in.text();
  }

  // Says what is wrong with the configuration; true where it is wrong for this service.
  bool complain_of_faults(const SystemdUnit& unit, const ServicePolicy& policy,
                          Findings& found) const {
    const std::vector<std::string> words = started_program(files_, unit);
    auto named = std::make_unique<ProcessProgram>();
    if (!words.empty()) {
      named = name_program(files_, words, follow_service_scripts(files_, words.front()));
    }
    const SectionScope scope(policy.policy(), named->program);
    bool concerned = false;
    for (Finding fault : policy.faults()) {
      const std::string* text = policy.text_of(fault.place.file);
      const bool has_line = !words.empty() && fault.place.line != 0 && text != nullptr;
      if (has_line && scope.demote(fault, *text, Level::kWarning)) {
        warn(unit.name, fault.placed());
      } else {
        complain(unit.name, fault.placed());
        concerned = true;
      }
      found.push_back(std::move(fault));
    }
    return concerned;
  }

  // With --require, a file that the service's user may not read would keep it from starting.
  bool is_refused_by_check(const SystemdUnit& unit, const ServicePolicy& policy) const {
    const auto user = service_user(files_, unit);
    if (checker_.empty() || !user) return false;
    return std::any_of(policy.files().begin(), policy.files().end(), [&](const auto& path) {
      return !look_at_library(files_, path, {user->user, user->groups}).closed_at.empty();
    });
  }

  static int tell(const std::string& name, const Findings& found) {
    int status = kDone;
    for (const Finding& one : found) {
      if (one.level == Level::kError) {
        complain(name, one.sentence());
        status = kInVain;
      } else if (one.level == Level::kWarning) {
        warn(name, one.sentence());
      }
    }
    return status;
  }

  // What was done, or would be.
  std::string write(const DropInFile& file, const std::optional<std::string>& present,
                    const std::string& text) {
    const std::string path = files_.outside(file.path());
    if (present == text) {
      out_.print("{}: {}\n", kUnchanged, path);
      return std::string(kUnchanged);
    }
    if (given_.common.dry_run) {
      const std::string_view what = present ? "would change" : "would create";
      out_.print("{}: {}\n{}", what, path, line_diff(present.value_or(""), text));
      return std::string(what);
    }
    if (const std::string fault = file.write(text); !fault.empty()) {
      throw Refusal(fmt::format("{} was not written: {}", path, fault));
    }
    out_.print("{}: {}\n", kChanged, path);
    return std::string(kChanged);
  }

  // Without a restart: systemd learns of the drop-in, and the processes that run get what their
  // successors will have.
  int act_now(const std::string& name, const ServicePolicy& policy, EnabledUnit& unit) {
    const bool dry_run = given_.common.dry_run;
    const bool reloaded = reload_systemd(dry_run, out_) && attach_now(name, policy.policy());
    const Targets targets = find_targets({.words = {}, .units = {name}});
    if (targets.processes.empty()) {
      out_.print("{} has no process at the moment; its next start has the options\n", name);
      return reloaded ? kDone : kFault;
    }
    const SocketSelection listeners;
    const Mode mode = dry_run ? Mode::kDryRun : Mode::kChange;
    LiveApply applied(policy.policy(), Basis::kGiven, listeners, mode);
    applied.run(targets.processes);
    if (!dry_run) remember_changes(applied.log());
    const ChangeReport report = {applied, listeners, mode, Lasting::kNextStart, {}};
    warn_of_changes(report);
    print_changes(out_, report);
    if (given_.json) unit.applied = changes_json(report);
    if (!reloaded || applied.log().failed() != 0) return kFault;
    return applied.unreadable().empty() ? kDone : kPartial;
  }

  // What runs is reached by its new sockets from now on.
  bool attach_now(const std::string& name, const Policy& policy) {
    const std::optional<std::string> mount = cgroup_mount();
    if (!is_bpf() || !mount) return true;
    bool all_done = true;
    for (const std::string& cgroup : cgroups_of_unit(*mount, name)) {
      if (given_.common.dry_run) {
        out_.print("would attach to {}\n", printable(cgroup));
        continue;
      }
      const auto done = attach_policy({cgroup, command_text({"-u", name}), policy});
      if (const auto* fault = std::get_if<Finding>(&done)) {
        complain(name, fault->sentence());
        all_done = false;
      } else {
        out_.print("attached to {}\n", printable(cgroup));
      }
    }
    return all_done;
  }

  const FileTree& files_;
  const EnableArguments& given_;
  UnitIndex index_;
  Output& out_;
  std::string library_;
  std::string checker_;
  std::string attacher_;
  std::string configuration_;
  ElfMachines machines_;
};

}  // namespace

int worse(int a, int b) {
  for (const int status : {kUsage, kFault, kInVain}) {
    if (a == status || b == status) return status;
  }
  return std::max(a, b);
}

std::vector<EnabledUnit> enable_units(const FileTree& files, const EnableArguments& given,
                                      Output& out) {
  std::vector<EnabledUnit> units;
  std::optional<Enabler> enabler;
  for (const std::string& typed : given.common.units) {
    const bool is_bpf = engine_of(given.engine) == Engine::kBpf;
    units.push_back(
        {.name = typed, .path = {}, .engine = is_bpf ? "bpf" : "preload", .result = "refused"});
    EnabledUnit& unit = units.back();
    try {
      if (!enabler) enabler.emplace(files, given, out);
      enabler->enable(typed, unit);
    } catch (const Refusal& refusal) {
      complain(typed, refusal.finding.sentence());
      unit.findings.push_back(refusal.finding);
      unit.status = kFault;
    }
  }
  return units;
}

}  // namespace sockopt
