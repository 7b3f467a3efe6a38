// SPDX-License-Identifier: MIT
#include "tools/sockopt/diagnosis/engine_reach.h"

#include <fmt/format.h>

#include <string>
#include <variant>
#include <vector>

#include "tools/sockopt/bpf/attachments.h"
#include "tools/sockopt/bpf/cgroup_tree.h"
#include "tools/sockopt/bpf/engine_words.h"
#include "tools/sockopt/report/output.h"

namespace sockopt {

std::optional<Finding> examine_engine(std::string_view cgroup) {
  const std::optional<std::string> mount = cgroup_mount();
  const std::optional<std::string> path = cgroup_path(cgroup);
  if (!mount || !path) return {};
  const std::string directory = *mount + (*path == "/" ? "" : *path) + "/";
  const auto listed = list_attachments();
  const auto* all = std::get_if<std::vector<Attachment>>(&listed);
  if (all == nullptr) return {};
  const Attachment* nearest = nullptr;
  for (const Attachment& one : *all) {
    if (one.gone || !directory.starts_with(one.directory + "/")) continue;
    if (nearest == nullptr || one.directory.size() > nearest->directory.size()) nearest = &one;
  }
  if (nearest == nullptr) return {};
  std::string what = fmt::format("attached to {}", printable(nearest->directory));
  if (nearest->policy) {
    const auto keys = engine_options(*nearest->policy, KernelVersion::running());
    what += fmt::format(", for new sockets: {}", joined(keys, " "));
  }
  return Finding::ok("bpf", what);
}

}  // namespace sockopt
