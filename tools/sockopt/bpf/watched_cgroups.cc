// SPDX-License-Identifier: MIT
#include "tools/sockopt/bpf/watched_cgroups.h"

#include <bpf/bpf.h>

#include <utility>
#include <variant>

#include "tools/sockopt/bpf/attachment_files.h"
#include "tools/sockopt/bpf/cgroup_tree.h"
#include "tools/sockopt/bpf/engine_words.h"
#include "tools/sockopt/bpf/host_support.h"

namespace sockopt {
namespace {

UniqueFd open_set_by_program(std::uint64_t cgroup) {
  UniqueFd map = open_pin(PinDirectory::path_of(cgroup) + "/" + kSetByProgramPin);
  bpf_map_info info = {};
  __u32 size = sizeof info;
  const bool fits = map && ::bpf_obj_get_info_by_fd(map.get(), &info, &size) == 0 &&
                    info.type == BPF_MAP_TYPE_SK_STORAGE &&
                    info.value_size == sizeof(std::uint64_t);
  return fits ? std::move(map) : UniqueFd();
}

}  // namespace

std::optional<Finding> WatchedCgroups::read() {
  auto listed = list_attachments();
  if (auto* fault = std::get_if<Finding>(&listed)) return std::move(*fault);
  all_ = std::get<std::vector<Attachment>>(std::move(listed));
  mount_ = cgroup_mount().value_or("");
  details_.clear();
  for (const Attachment& one : all_) {
    Details& details = details_[one.cgroup];
    details.set_by_program = open_set_by_program(one.cgroup);
    if (one.gone || !one.policy) continue;
    details.options = watch_options(*one.policy, kernel_);
    details.has_connections = !options_left_to_watch(*one.policy, kernel_, Side::kConnect).empty();
  }
  return {};
}

std::vector<pid_t> WatchedCgroups::processes(const Attachment& attachment) const {
  std::vector<std::string> below;
  for (const Attachment& other : all_) {
    const bool is_below = !other.gone && other.cgroup != attachment.cgroup &&
                          is_within(other.directory, attachment.directory);
    if (is_below) below.push_back(other.directory);
  }
  return processes_in(attachment.directory, below);
}

const Attachment* WatchedCgroups::nearest(std::string_view cgroup) const {
  return nearest_attachment(all_, cgroup_directory(mount_, cgroup));
}

Expected WatchedCgroups::left(const Attachment& attachment, const Expected& expected,
                              int fd) const {
  std::uint64_t own = 0;
  const UniqueFd& map = details_.at(attachment.cgroup).set_by_program;
  if (!map || ::bpf_map_lookup_elem(map.get(), &fd, &own) != 0) own = 0;
  const Side side = expected.role == SocketRole::kListener ? Side::kListen : Side::kConnect;
  Expected left = expected;
  for (const OptionId id : expected.decision.wanted) {
    const Setting& setting = *expected.decision.settings[id];
    const bool is_own = (own >> id & 1) != 0 && !expected.decision.enforced.contains(id);
    if (!is_own && is_left_to_watch(*attachment.policy, setting, kernel_, side)) continue;
    left.decision.wanted.remove(id);
    left.options.remove(id);
  }
  return left;
}

}  // namespace sockopt
