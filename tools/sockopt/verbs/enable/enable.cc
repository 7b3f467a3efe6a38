// SPDX-License-Identifier: MIT
//
// `sockopt enable`: a drop-in that gives a service the library, and keeps the rest of its
// environment as it is. The unit's own file belongs to its package and is only read.
#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "shim/options/suggestion.h"
#include "tools/inspect/targets.h"
#include "tools/sockopt/diagnosis/examine_service.h"
#include "tools/sockopt/diagnosis/unit.h"
#include "tools/sockopt/live/change_report.h"
#include "tools/sockopt/live/live_apply.h"
#include "tools/sockopt/report/line_diff.h"
#include "tools/sockopt/report/output.h"
#include "tools/sockopt/units/drop_in.h"
#include "tools/sockopt/units/drop_in_file.h"
#include "tools/sockopt/verb.h"
#include "tools/sockopt/verbs/enable/unit_arguments.h"
#include "tools/systemd/unit_name.h"

namespace sockopt {
namespace {

struct Given {
  UnitArguments common;
  std::string configuration;
  bool require = false;
};

// Why a unit cannot be enabled at all.
struct Refusal {
  explicit Refusal(Finding found) : finding(std::move(found)) {}
  explicit Refusal(std::string what, std::string fix = {})
      : finding(Finding::error("unit", std::move(what), std::move(fix))) {}

  Finding finding;
};

// Units of which the name could be a part or an alias.
std::string suggest_unit(const FileTree& files, const UnitIndex& index, const std::string& name) {
  const std::vector<std::string> names = index.names();
  const std::string general = instantiate_unit(name, "");
  for (const std::string& other : names) {
    if (other == general) {
      return fmt::format("{0} is a template: give an instance, {1}@NAME", other,
                         unit_prefix(other));
    }
  }
  for (const std::string& other : names) {
    const SystemdUnit unit = load_unit(files, index, other);
    for (const std::string& alias : unit.settings.words("Install", "Alias")) {
      if (alias == name)
        return fmt::format("it is an alias of {}, once that is enabled", unit.name);
    }
  }
  // Without the suffix that makes all of them alike.
  NearestWord meant(unit_prefix(name));
  for (const std::string& other : names) {
    if (unit_type(other) == "service") meant.consider(unit_prefix(other));
  }
  return meant.word().empty() ? "" : fmt::format("did you mean {}?", meant.word());
}

void refuse_what_cannot_be_enabled(const FileTree& files, const UnitIndex& index,
                                   const SystemdUnit& unit) {
  auto problem = find_unit_problem(files, index, unit, "sockopt enable", " ");
  if (!problem) return;
  if (unit.state == SystemdUnit::State::kMissing) {
    problem->fix = suggest_unit(files, index, unit.name);
  }
  throw Refusal(*std::move(problem));
}

// What could not be done outweighs what could not be seen.
int worse(int a, int b) { return a == kFault || b == kFault ? kFault : std::max(a, b); }

class Enabler {
 public:
  Enabler(const FileTree& files, const Given& given, Output& out)
      : files_(files), given_(given), index_(files), out_(out), library_(find_library_in(files)) {
    if (library_.empty()) {
      throw Refusal(
          "libsockopt.so is not installed there",
          fmt::format("install it into {}{} first", files.outside(""), SOCKOPT_FULL_LIBDIR));
    }
    if (given.require) checker_ = find_command_in(files);
    if (given.require && checker_.empty()) {
      throw Refusal("--require needs the sockopt command there", "install it first");
    }
    const auto file = files.open_file(library_, O_RDONLY);
    const auto elf = file ? read_elf_file(file->get()) : std::nullopt;
    if (!elf) throw Refusal(fmt::format("{} is not a library", files.outside(library_)));
    machine_ = elf->machine;
    configuration_ = find_configuration();
  }

  int enable(const std::string& typed) {
    const std::string name = service_name(typed);
    // Where it is an alias, the drop-in belongs to the unit itself.
    const DropInFile file(files_, index_.find(name).name);
    const SystemdUnit before = load_unit(files_, index_, name, {file.path(), std::nullopt});
    refuse_what_cannot_be_enabled(files_, index_, before);
    const auto present = file.read();
    if (!present) throw Refusal(present.failure().text());
    refuse_strangers(file, *present);

    const std::string text = compose(before);
    const SystemdUnit after = load_unit(files_, index_, name, {file.path(), text});
    const ServiceEnvironment environment(files_, after);
    const ServiceSubject subject = {files_, after, environment, file.path(), library_, machine_};
    const ServicePolicy policy(subject);
    for (const Finding& fault : policy.faults()) complain(after.name, fault.placed());
    const int found = tell(after.name, examine_service(subject, policy));
    if (!policy.faults().empty() || harmful_) throw Refusal("nothing was written");
    const bool written = write(file, *present, text);
    if (written && found == kDone && !given_.common.now && files_.is_host()) {
      out_.print("Takes effect with: systemctl daemon-reload && systemctl restart {}\n",
                 after.name);
    }
    return worse(found, given_.common.now ? act_now(after.name, policy) : kDone);
  }

 private:
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

  std::string compose(const SystemdUnit& unit) const {
    const ServiceEnvironment environment(files_, unit);
    const ServiceVariable* preload = environment.find_assigned("LD_PRELOAD");
    const DropIn drop_in = {.unit = unit.name,
                            .library = library_,
                            .preload_before = preload == nullptr ? "" : preload->value,
                            .configuration = configuration_,
                            .checker = checker_};
    return drop_in.text();
  }

  int tell(const std::string& name, const Findings& found) {
    int status = kDone;
    for (const Finding& one : found) {
      if (one.level == Level::kError) {
        complain(name, one.sentence());
        status = kFault;
      } else if (one.level == Level::kWarning) {
        warn(name, one.sentence());
      }
      harmful_ = harmful_ || one.ends_program;
    }
    return status;
  }

  // False where nothing was.
  bool write(const DropInFile& file, const std::optional<std::string>& present,
             const std::string& text) {
    const std::string path = files_.outside(file.path());
    if (present == text) {
      out_.print("unchanged: {}\n", path);
      return false;
    }
    if (given_.common.dry_run) {
      out_.print("would change: {}\n{}", path, line_diff(present.value_or(""), text));
      return false;
    }
    if (const std::string fault = file.write(text); !fault.empty()) {
      throw Refusal(fmt::format("{} was not written: {}", path, fault));
    }
    out_.print("changed: {}\n", path);
    return true;
  }

  // Without a restart: systemd learns of the drop-in, and the processes that run get what their
  // successors will have.
  int act_now(const std::string& name, const ServicePolicy& policy) {
    const bool dry_run = given_.common.dry_run;
    const bool reloaded = reload_systemd(dry_run, out_);
    const Targets targets = find_targets({.words = {}, .units = {name}});
    if (targets.processes.empty()) {
      out_.print("{} has no process at the moment; its next start has the options\n", name);
      return reloaded ? kDone : kFault;
    }
    const SocketSelection listeners;
    const Mode mode = dry_run ? Mode::kDryRun : Mode::kChange;
    LiveApply applied(policy.policy(), listeners, mode);
    applied.run(targets.processes);
    const ChangeReport report = {policy.policy(), applied, listeners, mode, true};
    warn_of_changes(report);
    print_changes(out_, report);
    if (!reloaded || applied.log().failed() != 0) return kFault;
    return applied.unreadable().empty() ? kDone : kPartial;
  }

  const FileTree& files_;
  const Given& given_;
  UnitIndex index_;
  Output& out_;
  std::string library_;
  std::string checker_;
  std::string configuration_;
  ElfMachine machine_;
  bool harmful_ = false;
};

int enable_units(const Given& given) {
  const FileTree files = open_tree(given.common);
  Output out;
  int status = kDone;
  for (const std::string& unit : given.common.units) {
    try {
      status = worse(status, Enabler(files, given, out).enable(unit));
    } catch (const Refusal& refusal) {
      complain(unit, refusal.finding.sentence());
      status = worse(status, kFault);
    }
  }
  return out.finish(status);
}

std::function<int()> declare(Arguments& arguments) {
  const auto given = std::make_shared<Given>();
  declare_unit_arguments(arguments, given->common,
                         "Also set the options on its running processes, without a restart");
  arguments.option("-c,--config", "FILE", given->configuration,
                   "The configuration of the service; with --root, a path within it");
  arguments.flag("--require", given->require,
                 "Do not start the service with a bad configuration or without the library");
  return [given] { return enable_units(*given); };
}

constexpr Example kExamples[] = {
    {"sockopt enable --dry-run nginx",
     "what would be written, and what would keep it from working"},
    {"sudo sockopt enable --now nginx", "from now on, and after each start"},
    {"sudo sockopt enable -c /etc/sockopt/redis.ini redis-server", "with a file of its own"},
    {"sockopt enable --root ./image --require postgresql@15-main", "in an image"},
};

}  // namespace

constinit const Verb kEnableVerb = {
    .name = "enable",
    .effect = Effect::kChanges,
    .summary = "run a systemd service with the library",
    .usage = "[-c FILE] [--root DIR] [--now] [--require] [--dry-run] UNIT...",
    .description =
        "Writes /etc/systemd/system/UNIT.d/zz-sockopt.conf. Keeps the unit's environment, and "
        "does\nnot touch its own file. Says what would stop the library from working, and the fix. "
        "Says\n`changed` or `unchanged`; exits with 1 if the library would not reach the service, "
        "or if\nnothing could be written.",
    .examples = kExamples,
    .declare = declare,
};

}  // namespace sockopt
