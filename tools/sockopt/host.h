// SPDX-License-Identifier: MIT
//
// What this host adds to a setting: the sysctls that bound it, or that stand in for what is not
// set. Of our own network namespace; nothing where one cannot be read.
#pragma once

#include <cstdint>
#include <optional>

namespace sockopt {

struct Host {
  std::optional<std::int64_t> somaxconn;
  std::optional<std::int64_t> tcp_fastopen;
  std::optional<std::int64_t> keepalive_time;
  std::optional<std::int64_t> keepalive_intvl;
  std::optional<std::int64_t> keepalive_probes;
};

Host read_host();

}  // namespace sockopt
