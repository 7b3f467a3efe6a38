// SPDX-License-Identifier: MIT
//
// `sockopt detach`: removes what `attach` has attached. Sockets keep what they have.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "tools/sockopt/bpf/attachments.h"
#include "tools/sockopt/bpf/cgroup_tree.h"
#include "tools/sockopt/report/output.h"
#include "tools/sockopt/verb.h"
#include "tools/sockopt/verbs/attach/attach_target.h"

namespace sockopt {
namespace {

struct Named {
  AttachTarget target;
  bool all = false;
};

struct Selected {
  std::uint64_t cgroup;
  std::string directory;
};

// Those of cgroups that are gone are known by how they were named, too.
std::vector<Selected> select(const Named& given, const std::vector<Attachment>& all) {
  std::string fault;
  std::vector<std::string> directories;
  if (!given.all) directories = find_cgroups(given.target, fault);
  std::vector<std::uint64_t> wanted;
  for (const std::string& directory : directories) wanted.push_back(cgroup_id(directory));
  std::vector<Selected> selected;
  for (const Attachment& one : all) {
    const bool is_named = one.gone && (one.target == target_words(given.target) ||
                                       one.directory == given.target.cgroup);
    const bool is_meant = std::find(wanted.begin(), wanted.end(), one.cgroup) != wanted.end();
    if (given.all || is_named || is_meant) selected.push_back({one.cgroup, one.directory});
  }
  if (selected.empty() && !fault.empty()) complain("detach", fault);
  if (selected.empty() && !given.all && fault.empty()) {
    complain("detach", fmt::format("nothing is attached to {}; sockopt attach --list shows what is",
                                   printable(joined(directories))));
  }
  return selected;
}

int detach(const Named& given) {
  if (given.all && given.target.given()) throw UsageError("--all stands alone");
  if (!given.all && !given.target.given()) {
    throw UsageError("from what? Give -u UNIT, --cgroup PATH, PID, --host or --all");
  }
  const auto listed = list_attachments();
  if (const auto* fault = std::get_if<Finding>(&listed)) {
    complain("detach", fault->sentence());
    return kFault;
  }
  const std::vector<Selected> selected = select(given, std::get<std::vector<Attachment>>(listed));
  Output out;
  bool all_done = given.all || !selected.empty();
  for (const Selected& one : selected) {
    const auto done = detach_cgroup(one.cgroup);
    if (const auto* fault = std::get_if<Finding>(&done)) {
      complain("detach", fault->sentence());
      all_done = false;
    } else {
      out.print("detached from {}; sockets keep what they have\n", printable(one.directory));
    }
  }
  return out.finish(all_done ? kDone : kFault);
}

std::function<int()> declare_detach(Arguments& arguments) {
  const auto given = std::make_shared<Named>();
  declare_target(arguments, given->target);
  arguments.flag("--all", given->all, "Everything that is attached");
  return [given] { return detach(*given); };
}

constexpr Example kDetachExamples[] = {
    {"sudo sockopt detach -u nginx", "new sockets of nginx.service are left alone again"},
    {"sudo sockopt detach --all", "remove every attachment"},
};

}  // namespace

constinit const Verb kDetachVerb = {
    .name = "detach",
    .effect = Effect::kChanges,
    .summary = "remove what `attach` has attached",
    .usage = "-u UNIT|--cgroup PATH|PID|--host|--all",
    .description =
        "Removes the programs of `sockopt attach` from a cgroup. Sockets keep the options "
        "that\nthey have.",
    .examples = kDetachExamples,
    .declare = declare_detach,
};

}  // namespace sockopt
