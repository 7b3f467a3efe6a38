// SPDX-License-Identifier: MIT
//
// The ZeroMQ sockets of a process, as libsockopt-zmq.so in it lists them
// (shim/zmq/preload/region.h). Nothing of it is trusted: the process can write there what it likes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/inspect/foreign_process.h"
#include "tools/inspect/result.h"

namespace sockopt {

struct ZmqEndpoint {
  bool bound = false;    ///< else connected
  std::string endpoint;  ///< `tcp://127.0.0.1:5555`
};

struct ZmqSocket {
  std::string type;  ///< `req`; a number where it is not known
  std::vector<ZmqEndpoint> endpoints;
};

struct ZmqSockets {
  std::vector<ZmqSocket> sockets;  ///< in the order in which they were made
  std::uint64_t left_out = 0;      ///< what found no place in the list
  std::uint32_t settings = 0;      ///< of the configuration, for this program or not
  std::string library;             ///< path, as the process sees it
  bool idle = false;               ///< the library is disabled, or keeps no list
};

/// Nothing: the library is not in the process.
Result<std::optional<ZmqSockets>> read_zmq_sockets(const ForeignProcess& process);

}  // namespace sockopt
