// SPDX-License-Identifier: MIT
//
// Stands in for the engine where the command was built without what it is made with.
#include <fmt/format.h>

#include "tools/sockopt/bpf/attachments.h"

namespace sockopt {
namespace {

Finding not_built() {
  return Finding::error(
      "bpf", fmt::format("this command was built without the bpf engine ({})", engine_lacks()),
      "install clang, bpftool and libbpf-dev, and build it again");
}

}  // namespace

std::string engine_lacks() {
  const std::string_view lacks = SOCKOPT_BPF_LACKS;
  return lacks.empty() ? "SOCKOPT_BPF=OFF" : fmt::format("without {}", lacks);
}

std::variant<Attached, Finding> attach_policy(const AttachRequest&) { return not_built(); }
std::variant<std::vector<Attachment>, Finding> list_attachments() { return not_built(); }
std::variant<bool, Finding> detach_cgroup(std::uint64_t) { return not_built(); }

}  // namespace sockopt
