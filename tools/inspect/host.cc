// SPDX-License-Identifier: MIT
#include "tools/inspect/host.h"

#include <fcntl.h>

#include <sstream>

#include "shim/options/number.h"
#include "shim/text/text.h"
#include "tools/inspect/read_small_file.h"

namespace sockopt {
namespace {

std::string read(const std::string& path) {
  const Result<std::string> text = read_small_file(AT_FDCWD, path);
  return text ? *text : std::string();
}

std::optional<std::int64_t> sysctl(const std::string& name) {
  const std::string text = read("/proc/sys/net/" + name);
  const NumberText number = read_integer(trim(text));
  if (number.problem != NumberProblem::kNone) return std::nullopt;
  return number.number;
}

std::vector<std::string> words(const std::string& name) {
  std::istringstream text(read("/proc/sys/net/" + name));
  std::vector<std::string> words;
  for (std::string word; text >> word;) words.push_back(word);
  return words;
}

// /proc/net is the main thread's; this thread may be in another namespace.
std::vector<std::string> devices() {
  std::istringstream text(read("/proc/thread-self/net/dev"));
  std::vector<std::string> names;
  for (std::string line; std::getline(text, line);) {
    const std::size_t colon = line.find(':');
    if (colon != std::string::npos) names.emplace_back(trim(line.substr(0, colon)));
  }
  return names;
}

}  // namespace

std::optional<std::int64_t> read_somaxconn() { return sysctl("core/somaxconn"); }

Host read_host() {
  return {.somaxconn = read_somaxconn(),
          .tcp_fastopen = sysctl("ipv4/tcp_fastopen"),
          .keepalive_time = sysctl("ipv4/tcp_keepalive_time"),
          .keepalive_intvl = sysctl("ipv4/tcp_keepalive_intvl"),
          .keepalive_probes = sysctl("ipv4/tcp_keepalive_probes"),
          .syncookies = sysctl("ipv4/tcp_syncookies"),
          .max_syn_backlog = sysctl("ipv4/tcp_max_syn_backlog"),
          .rmem_max = sysctl("core/rmem_max"),
          .wmem_max = sysctl("core/wmem_max"),
          .congestion_available = words("ipv4/tcp_available_congestion_control"),
          .congestion_allowed = words("ipv4/tcp_allowed_congestion_control"),
          .devices = devices()};
}

}  // namespace sockopt
