// SPDX-License-Identifier: MIT
//
// What this host adds to a setting: the sysctls that bound it, or that stand in for what is not
// set, and the names that it knows. Of the network namespace of the calling thread; nothing where
// one cannot be read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sockopt {

struct Host {
  std::optional<std::int64_t> somaxconn;
  std::optional<std::int64_t> tcp_fastopen;
  std::optional<std::int64_t> keepalive_time;
  std::optional<std::int64_t> keepalive_intvl;
  std::optional<std::int64_t> keepalive_probes;
  std::optional<std::int64_t> syncookies;
  std::optional<std::int64_t> max_syn_backlog;
  std::optional<std::int64_t> rmem_max;
  std::optional<std::int64_t> wmem_max;
  std::vector<std::string> congestion_available;
  std::vector<std::string> congestion_allowed;  ///< to processes without CAP_NET_ADMIN
  std::vector<std::string> devices;
};

Host read_host();
/// Its somaxconn alone.
std::optional<std::int64_t> read_somaxconn();

}  // namespace sockopt
