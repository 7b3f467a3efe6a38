// SPDX-License-Identifier: MIT
//
// The pods that have the policy. Each cgroup of a pod that is selected gets it, and loses it when
// the pod is not selected any more; of one that has ended, nothing is left.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "shim/policy/policy.h"
#include "tools/sockopt/report/output.h"
#include "tools/sockopt/verbs/pods/pod_api.h"

namespace sockopt {

class AttachedPods {
 public:
  AttachedPods(const Policy& policy, std::string root, bool dry_run, Output& out)
      : policy_(policy), root_(std::move(root)), dry_run_(dry_run), out_(out) {}

  /// Those that an earlier run has attached. False, after saying why, where they cannot be read.
  bool read();

  /// What is so for the pods that are there now; `wanted` is null as long as it is not known which
  /// are selected. Pods without a cgroup, as they have only just been placed here, wait.
  void update(const Pods* wanted);

  std::size_t count() const { return attached_.size(); }
  bool has_waiting() const { return !waiting_.empty(); }
  /// Names of the pods that wait.
  std::string waiting() const;
  bool has_failed() const { return !failed_.empty(); }

 private:
  struct AttachedPod {
    std::uint64_t cgroup = 0;
    std::string name;
    bool is_ours = false;  // and not of an earlier run, whose policy may be another
  };

  void attach(const std::string& uid, const Pod& pod, const std::string& directory);
  void detach(const AttachedPod& pod, const char* reason);

  const Policy& policy_;
  std::string root_;
  bool dry_run_;
  Output& out_;
  std::map<std::string, AttachedPod> attached_;  // by UID
  std::map<std::string, std::string> failed_;    // ... and why
  std::set<std::string> waiting_;
};

}  // namespace sockopt
