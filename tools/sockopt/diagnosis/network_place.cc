// SPDX-License-Identifier: MIT
#include "tools/sockopt/diagnosis/network_place.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <utility>

#include "tools/inspect/read_small_file.h"

namespace sockopt {
namespace {

// What the runtimes call the cgroups that they make. A pod's are below kubepods whatever runtime
// made them, so that is looked for first.
constexpr std::array<std::pair<std::string_view, Container>, 8> kMarks = {{
    {"kubepods", Container::kPod},
    {"libpod-", Container::kPodman},
    {"docker-", Container::kDocker},
    {"/docker/", Container::kDocker},
    {"lxc.payload", Container::kLxc},
    {"/lxc/", Container::kLxc},
    {"systemd-nspawn@", Container::kNspawn},
    {"/machine.slice/machine-", Container::kNspawn},
}};

std::string assigned(std::string_view sysctl, std::string_view value) {
  const std::string_view quote = value.find(' ') == std::string_view::npos ? "" : "'";
  return fmt::format("{}={}{}{}", sysctl, quote, value, quote);
}

// Now, and after the next boot.
std::string set_for_good(std::string_view assignment) {
  return fmt::format("sysctl -w {0} && echo {0} >>/etc/sysctl.d/99-sockopt.conf", assignment);
}

}  // namespace

Container container_of(std::string_view cgroup) {
  for (const auto& [mark, container] : kMarks) {
    if (cgroup.find(mark) != std::string_view::npos) return container;
  }
  return Container::kNone;
}

Container own_container() {
  if (std::getenv("KUBERNETES_SERVICE_HOST") != nullptr) return Container::kPod;
  if (::access("/.dockerenv", F_OK) == 0) return Container::kDocker;
  if (::access("/run/.containerenv", F_OK) == 0) return Container::kPodman;
  const auto cgroup = read_small_file(AT_FDCWD, "/proc/self/cgroup");
  return cgroup ? container_of(*cgroup) : Container::kNone;
}

std::string_view container_words(Container container) {
  constexpr std::string_view kWords[] = {"",
                                         "a Docker container",
                                         "a Podman container",
                                         "a Kubernetes pod",
                                         "an LXC container",
                                         "a systemd-nspawn container"};
  static_assert(std::size(kWords) == static_cast<std::size_t>(Container::kNspawn) + 1);
  return kWords[static_cast<std::size_t>(container)];
}

std::string NetworkPlace::set(std::string_view sysctl, std::string_view value) const {
  const std::string assignment = assigned(sysctl, value);
  const bool is_ours = pid == 0 || !own_network;
  const bool lasts = container == Container::kNone || container == Container::kNspawn;
  const std::string here =
      is_ours && lasts ? set_for_good(assignment)
      : is_ours        ? fmt::format("sysctl -w {}", assignment)
                       : fmt::format("nsenter --net=/proc/{}/ns/net sysctl -w {}", pid, assignment);
  switch (container) {
    case Container::kPod:
      return fmt::format(
          "in the pod's spec, securityContext.sysctls: [{{name: {}, value: \"{}\"}}], which the "
          "node's kubelet must allow (allowedUnsafeSysctls); until it restarts: {}",
          sysctl, value, here);
    case Container::kDocker:
      return fmt::format("add `--sysctl {}` to its `docker run`; until it restarts: {}", assignment,
                         here);
    case Container::kPodman:
      return fmt::format("add `--sysctl {}` to its `podman run`; until it restarts: {}", assignment,
                         here);
    case Container::kLxc:
      return fmt::format("lxc.sysctl.{} = {} in its configuration; until it restarts: {}", sysctl,
                         value, here);
    case Container::kNone:
    case Container::kNspawn:
      return here;
  }
  return here;
}

std::string NetworkPlace::set_shared(std::string_view sysctl, std::string_view value) const {
  return fmt::format("{}{}", own_network || container != Container::kNone ? "on the host: " : "",
                     set_for_good(assigned(sysctl, value)));
}

NetworkPlace own_network_place() {
  NetworkPlace place;
  place.container = own_container();
  return place;
}

}  // namespace sockopt
