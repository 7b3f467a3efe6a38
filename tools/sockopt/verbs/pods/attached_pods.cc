// SPDX-License-Identifier: MIT
#include "tools/sockopt/verbs/pods/attached_pods.h"

#include <filesystem>
#include <variant>
#include <vector>

#include "tools/sockopt/bpf/attachments.h"
#include "tools/sockopt/bpf/cgroup_tree.h"
#include "tools/sockopt/verbs/pods/pod_cgroups.h"

namespace sockopt {
namespace {

// By which an attachment is known to be of a pod, and not of who attached it by hand.
constexpr std::string_view kTarget = "pod ";

}  // namespace

bool AttachedPods::read() {
  const auto listed = list_attachments();
  if (const auto* fault = std::get_if<Finding>(&listed)) {
    complain("pods", fault->sentence());
    return false;
  }
  for (const Attachment& one : std::get<std::vector<Attachment>>(listed)) {
    if (!one.target.starts_with(kTarget)) continue;
    const std::string uid = pod_uid(std::filesystem::path(one.directory).filename().native());
    attached_[uid] = {one.cgroup, one.target.substr(kTarget.size())};
  }
  return true;
}

void AttachedPods::update(const Pods* wanted) {
  const std::map<std::string, std::string> cgroups = find_pod_cgroups(root_);
  for (auto it = attached_.begin(); it != attached_.end();) {
    const auto cgroup = cgroups.find(it->first);
    const bool has_ended =
        cgroup == cgroups.end() || cgroup_id(cgroup->second) != it->second.cgroup;
    const bool is_wanted = wanted == nullptr || wanted->contains(it->first);
    if (!has_ended && is_wanted) {
      ++it;
      continue;
    }
    detach(it->second, has_ended ? "it has ended" : "it is not selected any more");
    it = attached_.erase(it);
  }
  if (wanted == nullptr) return;
  std::erase_if(failed_, [&](const auto& one) { return !wanted->contains(one.first); });
  waiting_.clear();
  for (const auto& [uid, pod] : *wanted) {
    const auto cgroup = cgroups.find(uid);
    const auto known = attached_.find(uid);
    if (cgroup == cgroups.end()) {
      waiting_.insert(pod.name);
    } else if (known == attached_.end() || !known->second.is_ours) {
      attach(uid, pod, cgroup->second);
    }
  }
}

void AttachedPods::attach(const std::string& uid, const Pod& pod, const std::string& directory) {
  const std::uint64_t cgroup = cgroup_id(directory);
  auto done = attach_policy({directory, std::string(kTarget) + pod.name, policy_, dry_run_});
  if (const auto* fault = std::get_if<Finding>(&done)) {
    // It may have ended meanwhile; and what stays as it was said before is not said again.
    std::string& said = failed_[uid];
    if (cgroup_id(directory) == 0) {
      failed_.erase(uid);
    } else if (said != fault->sentence()) {
      said = fault->sentence();
      complain("pods", pod.name + ": " + said);
    }
    return;
  }
  failed_.erase(uid);
  attached_[uid] = {cgroup, pod.name, true};
  const bool replaced = std::get<Attached>(done).replaced;
  const char* const what = dry_run_ ? (replaced ? "would be replaced" : "would be attached")
                                    : (replaced ? "policy replaced" : "attached");
  out_.print("{}: {}, {}\n", printable(pod.name), what, printable(directory));
}

void AttachedPods::detach(const AttachedPod& pod, const char* reason) {
  if (dry_run_) {
    out_.print("{}: would be detached, as {}\n", printable(pod.name), reason);
    return;
  }
  const auto done = detach_cgroup(pod.cgroup);
  if (const auto* fault = std::get_if<Finding>(&done)) {
    complain("pods", pod.name + ": " + fault->sentence());
  } else {
    out_.print("{}: detached, as {}\n", printable(pod.name), reason);
  }
}

std::string AttachedPods::waiting() const {
  return joined(std::vector<std::string>(waiting_.begin(), waiting_.end()));
}

}  // namespace sockopt
