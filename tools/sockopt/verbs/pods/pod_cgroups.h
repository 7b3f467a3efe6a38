// SPDX-License-Identifier: MIT
//
// The cgroups that the kubelet makes for pods, by the pods' UIDs. Two drivers name them:
//
//   systemd   kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod0a1b_….slice
//   cgroupfs  kubepods/burstable/pod0a1b-…
//
// Pods of the class Guaranteed are one level higher. Below a root of the kubelet's own
// (--cgroup-root=kubelet), the first is kubelet.slice/kubelet-kubepods.slice/….
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace sockopt {

/// The UID in the name of a pod's cgroup, with dashes; empty where it is another cgroup's.
std::string pod_uid(std::string_view name);

/// The directories, by UID, below the kubelet's root: the mount of the tree, unless it has another.
std::map<std::string, std::string> find_pod_cgroups(const std::string& root);

}  // namespace sockopt
