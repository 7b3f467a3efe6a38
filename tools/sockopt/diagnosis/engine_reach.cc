// SPDX-License-Identifier: MIT
#include "tools/sockopt/diagnosis/engine_reach.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tools/inspect/systemd_unit.h"
#include "tools/sockopt/bpf/cgroup_tree.h"
#include "tools/sockopt/bpf/engine_words.h"
#include "tools/sockopt/bpf/host_support.h"
#include "tools/sockopt/report/output.h"

namespace sockopt {

namespace {

constexpr const char* kEngine = "the bpf engine";
constexpr const char* kWatch = "sockopt watch";

// As a service where it is one and systemd runs.
std::string watch_command() {
  const bool is_service =
      is_systemd_running() && ::access(SOCKOPT_UNIT_DIRECTORY "/sockopt-watch.service", R_OK) == 0;
  return is_service ? "systemctl enable --now sockopt-watch" : kWatch;
}

Finding examine_watch(const Attachment& attachment, const std::string& keys) {
  if (!attachment.watched) {
    return Finding::note(
        "bpf", fmt::format("sockopt watch sets on new sockets, as long as it runs: {}", keys));
  }
  if (*attachment.watched) {
    return Finding::ok("bpf", fmt::format("sockopt watch runs, for new sockets: {}", keys));
  }
  return Finding::warning(
      "bpf", fmt::format("no sockopt watch runs, which would set on new sockets: {}", keys),
      watch_command());
}

}  // namespace

EngineReach::EngineReach() : mount_(cgroup_mount()) {
  auto listed = list_attachments();
  auto* all = std::get_if<std::vector<Attachment>>(&listed);
  if (all != nullptr) all_ = std::move(*all);
  known_ = all != nullptr || (::access(kPinDirectory, F_OK) != 0 && errno == ENOENT);
}

const Attachment* EngineReach::nearest(std::string_view cgroup) const {
  return mount_ ? nearest_attachment(all_, cgroup_directory(*mount_, cgroup)) : nullptr;
}

ExaminedEngine examine_engine(const EngineReach& engine, const ProcessFacts& process) {
  ExaminedEngine examined;
  const Attachment* const nearest = engine.nearest(process.cgroup);
  if (nearest == nullptr) return examined;
  const std::string attached = fmt::format("attached to {}", printable(nearest->directory));
  if (!nearest->policy) {
    examined.found.push_back(Finding::warning("bpf", attached + " by another version of sockopt",
                                              "attach it again with this one"));
    examined.reach = kEngine;
    return examined;
  }
  const KernelVersion kernel = KernelVersion::running();
  const std::string name = executable_name(process.executable);
  Program program;
  program.set(name, {}, {});
  const auto set = engine_options(*nearest->policy, kernel, &program);
  const auto watched = watch_options(*nearest->policy, kernel, &program);
  if (set.empty() && watched.empty()) {
    examined.found.push_back(Finding::note(
        "bpf",
        fmt::format("{}, where no rule is for this program, which the bpf engine knows as {}",
                    attached, printable(name, 80))));
    return examined;
  }
  const std::string sets =
      set.empty() ? std::string() : fmt::format(", for new sockets: {}", joined(set, " "));
  examined.found.push_back(Finding::ok("bpf", attached + sets));
  if (!watched.empty()) examined.found.push_back(examine_watch(*nearest, joined(watched, " ")));
  examined.reach = !set.empty() ? kEngine : nearest->watched.value_or(false) ? kWatch : "";
  return examined;
}

}  // namespace sockopt
