// SPDX-License-Identifier: MIT
//
// What is attached where. An attachment is a directory below kPinDirectory, named by the number of
// its cgroup: the links that hold the programs there, the policy as it was compiled, and counters.
// It outlives the command, and is gone with its directory or its cgroup.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "shim/policy/policy.h"
#include "tools/sockopt/bpf/cgroup_tree.h"
#include "tools/sockopt/bpf/layout.h"
#include "tools/sockopt/report/finding.h"

namespace sockopt {

/// What the command was built without (`clang, bpftool`), or `SOCKOPT_BPF=OFF`; empty: nothing.
std::string engine_lacks();

struct AttachRequest {
  std::string cgroup;  ///< its directory
  std::string target;  ///< as it was named: `-u nginx.service`
  const Policy& policy;
  bool dry_run = false;  ///< load it, and attach nothing
};

struct Attached {
  bool replaced = false;             ///< another policy, in one step
  std::vector<std::string> hooks{};  ///< the kernel's names of the places that call us
  std::vector<std::string> above{};  ///< cgroups with attachments that yield to this one
  std::vector<std::string> below{};  ///< ... to which this one yields
};

/// Attaches a policy to a cgroup, or replaces the one that is there. Where it fails, everything is
/// as it was before.
std::variant<Attached, Finding> attach_policy(const AttachRequest& request);

/// An option that the kernel refused when a program of the engine set it.
struct EngineRefusal {
  OptionId option = 0;
  std::uint64_t count = 0;
  int error = 0;
};

struct Attachment {
  std::uint64_t cgroup = 0;
  std::string directory;  ///< of the cgroup, when it was attached
  bool gone = false;      ///< the cgroup has been removed since
  std::string target;
  std::int64_t since = 0;     ///< seconds since 1970; the counters count from then on
  std::int64_t replaced = 0;  ///< the same of the policy, where it replaced another one
  std::vector<std::string> hooks{};
  std::array<std::uint64_t, ENGINE_COUNTERS> counters{};
  std::vector<EngineRefusal> refusals{};
  bool unfinished = false;        ///< what was to replace it has done so in part
  std::uint32_t policy_id = 0;    ///< another one each time that a policy is attached
  std::optional<bool> watched{};  ///< by `sockopt watch`; nothing: it cannot be asked
  /// Null where another version of the command made it.
  std::unique_ptr<Policy> policy{};
};

/// By directory. A finding where they cannot be read.
std::variant<std::vector<Attachment>, Finding> list_attachments();

/// The one that counts in this directory: that of the nearest cgroup. Null where none does.
inline const Attachment* nearest_attachment(const std::vector<Attachment>& all,
                                            const std::string& directory) {
  const Attachment* nearest = nullptr;
  for (const Attachment& one : all) {
    if (one.gone || !is_within(directory, one.directory)) continue;
    if (nearest == nullptr || one.directory.size() > nearest->directory.size()) nearest = &one;
  }
  return nearest;
}

/// Removes it. False where there was none.
std::variant<bool, Finding> detach_cgroup(std::uint64_t cgroup);

}  // namespace sockopt
