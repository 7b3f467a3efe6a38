// SPDX-License-Identifier: MIT
#include "tools/sockopt/diagnosis/engine_reach.h"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tools/sockopt/bpf/cgroup_tree.h"
#include "tools/sockopt/bpf/engine_words.h"
#include "tools/sockopt/report/output.h"

namespace sockopt {

EngineReach::EngineReach() : mount_(cgroup_mount()) {
  auto listed = list_attachments();
  if (auto* all = std::get_if<std::vector<Attachment>>(&listed)) all_ = std::move(*all);
}

const Attachment* EngineReach::nearest(std::string_view cgroup) const {
  return mount_ ? nearest_attachment(all_, cgroup_directory(*mount_, cgroup)) : nullptr;
}

std::optional<Finding> examine_engine(const EngineReach& engine, std::string_view cgroup) {
  const Attachment* const nearest = engine.nearest(cgroup);
  if (nearest == nullptr) return {};
  std::string what = fmt::format("attached to {}", printable(nearest->directory));
  if (nearest->policy) {
    const auto keys = engine_options(*nearest->policy, KernelVersion::running());
    what += fmt::format(", for new sockets: {}", joined(keys, " "));
  }
  return Finding::ok("bpf", what);
}

}  // namespace sockopt
