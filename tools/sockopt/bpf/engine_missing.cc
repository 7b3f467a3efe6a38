// SPDX-License-Identifier: MIT
//
// Stands in for the engine where the command was built without what it is made with.
#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tools/sockopt/bpf/attachments.h"
#include "tools/sockopt/bpf/watcher.h"

namespace sockopt {
namespace {

constexpr std::string_view kLacks = SOCKOPT_BPF_LACKS;

Finding not_built() {
  return Finding::error(
      "bpf", fmt::format("this command was built without the bpf engine ({})", engine_lacks()),
      kLacks.empty() ? "build it with SOCKOPT_BPF=ON"
                     : fmt::format("install {}, and build it again", kLacks));
}

}  // namespace

std::string engine_lacks() {
  return kLacks.empty() ? "SOCKOPT_BPF=OFF" : fmt::format("without {}", kLacks);
}

std::variant<Attached, Finding> attach_policy(const AttachRequest&) { return not_built(); }
std::variant<std::vector<Attachment>, Finding> list_attachments() { return not_built(); }
std::variant<bool, Finding> detach_cgroup(std::uint64_t) { return not_built(); }
std::optional<Finding> watch(WatchReport&, bool) { return not_built(); }

}  // namespace sockopt
