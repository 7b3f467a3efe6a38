// SPDX-License-Identifier: MIT
//
// `sockopt disable`: takes away what `enable` wrote, and nothing else.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <variant>

#include "tools/sockopt/bpf/attachments.h"
#include "tools/sockopt/bpf/cgroup_tree.h"
#include "tools/sockopt/report/line_diff.h"
#include "tools/sockopt/report/output.h"
#include "tools/sockopt/report/shell_command.h"
#include "tools/sockopt/units/drop_in.h"
#include "tools/sockopt/units/drop_in_file.h"
#include "tools/sockopt/units/suggest_unit.h"
#include "tools/sockopt/verb.h"
#include "tools/sockopt/verbs/enable/unit_arguments.h"

namespace sockopt {
namespace {

// What runs keeps its options, and its new sockets are left alone.
int detach_unit(const std::string& name, Output& out) {
  const std::optional<std::string> mount = cgroup_mount();
  if (!mount) return kDone;
  for (const std::string& cgroup : cgroups_of_unit(*mount, name)) {
    const auto done = detach_cgroup(cgroup_id(cgroup));
    if (const auto* fault = std::get_if<Finding>(&done)) {
      complain(name, fault->sentence());
      return kFault;
    }
    if (std::get<bool>(done)) out.print("detached from {}\n", printable(cgroup));
  }
  return kDone;
}

// Of a unit that is masked, or no longer there, what was written for it can still be taken away.
int disable(const FileTree& files, const UnitIndex& index, const UnitArguments& given,
            const std::string& typed, const std::string& name, Output& out) {
  const DropInFile file(files, name);
  const std::string path = files.outside(file.path());
  const auto present = file.read();
  if (!present) {
    complain(name, present.failure().text());
    return kFault;
  }
  if (!*present && load_unit(files, index, name).state == SystemdUnit::State::kMissing) {
    const std::string meant = suggest_unit(files, index, name);
    complain(typed, "there is no such unit" + (meant.empty() ? "" : "; " + meant));
    return kFault;
  }
  if (!*present) {
    out.print("unchanged: {} does not exist\n", path);
    return kDone;
  }
  const Authorship author = authorship(**present);
  if (author != Authorship::kOurs) {
    complain(path, author == Authorship::kEdited
                       ? "was edited by hand and is kept; remove it with rm"
                       : "was not written by sockopt and is kept");
    return kFault;
  }
  if (given.dry_run) {
    out.print("would remove: {}\n{}", path, line_diff(**present, ""));
    return kDone;
  }
  if (const std::string fault = file.remove(); !fault.empty()) {
    complain(path, fault);
    return kFault;
  }
  out.print("removed: {}\n", path);
  if (!files.is_host()) return kDone;
  const bool was_attached = attaches(**present);
  if (given.now) return was_attached ? detach_unit(name, out) : kDone;
  out.print("Takes effect with: systemctl daemon-reload && {} {}\n",
            was_attached ? "sockopt detach -u" : "systemctl restart", command_text({name}));
  return kDone;
}

int disable_units(const UnitArguments& given) {
  const FileTree files = open_tree(given);
  const UnitIndex index(files);
  Output out;
  int status = kDone;
  for (const std::string& unit : given.units) {
    const std::string name = index.find(service_name(files, index, unit)).name;
    status = std::max(status, disable(files, index, given, unit, name, out));
  }
  // Each under the name that its directory has: an alias by now, it may be.
  if (given.all) {
    for (const std::string& unit : services_with_drop_in(files)) {
      status = std::max(status, disable(files, index, given, unit, unit, out));
    }
  }
  if (given.now && !reload_systemd(given.dry_run, out)) status = kFault;
  return out.finish(status);
}

std::function<int()> declare(Arguments& arguments) {
  const auto given = std::make_shared<UnitArguments>();
  declare_unit_arguments(arguments, *given, "Also reload systemd, and detach the bpf engine");
  arguments.flag("--all", given->all, "Every service that has such a drop-in");
  return [given] { return disable_units(*given); };
}

constexpr Example kExamples[] = {
    {"sudo sockopt disable nginx", "from its next start on without the library"},
    {"sockopt disable --root ./image nginx", "in an image"},
    {"sudo sockopt disable --all", "before the library is removed"},
};

}  // namespace

constinit const Verb kDisableVerb = {
    .name = "disable",
    .effect = Effect::kChanges,
    .summary = "undo `sockopt enable`",
    .usage = "[--root DIR] [--now] [--dry-run] UNIT...|--all",
    .description =
        "Removes the drop-in that `sockopt enable` wrote, and its directory if that is "
        "empty\nthen. Keeps a file that was edited by hand. Says `removed` or `unchanged`.",
    .examples = kExamples,
    .declare = declare,
};

}  // namespace sockopt
