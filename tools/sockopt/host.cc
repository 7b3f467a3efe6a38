// SPDX-License-Identifier: MIT
//
// See host.h.
#include "tools/sockopt/host.h"

#include <fcntl.h>

#include "shim/options/number.h"
#include "shim/text/text.h"
#include "tools/inspect/read_small_file.h"

namespace sockopt {
namespace {

std::optional<std::int64_t> sysctl(const char* path) {
  const Result<std::string> text = read_small_file(AT_FDCWD, path);
  if (!text) return std::nullopt;
  const NumberText number = read_integer(trim(*text));
  if (number.problem != NumberProblem::kNone) return std::nullopt;
  return number.number;
}

}  // namespace

Host read_host() {
  return {.somaxconn = sysctl("/proc/sys/net/core/somaxconn"),
          .tcp_fastopen = sysctl("/proc/sys/net/ipv4/tcp_fastopen"),
          .keepalive_time = sysctl("/proc/sys/net/ipv4/tcp_keepalive_time"),
          .keepalive_intvl = sysctl("/proc/sys/net/ipv4/tcp_keepalive_intvl"),
          .keepalive_probes = sysctl("/proc/sys/net/ipv4/tcp_keepalive_probes")};
}

}  // namespace sockopt
