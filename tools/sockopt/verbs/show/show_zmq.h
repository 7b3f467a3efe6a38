// SPDX-License-Identifier: MIT
//
// The ZeroMQ sockets of the processes that are shown, where libsockopt-zmq.so is in them.
#pragma once

#include <string>
#include <vector>

#include "tools/inspect/process_tree.h"
#include "tools/inspect/zmq_sockets.h"
#include "tools/sockopt/report/output.h"

namespace sockopt {

struct ZmqProcess {
  pid_t pid = 0;
  std::string program;
  ZmqSockets held;
};

/// Of those that have any; one that cannot be read is said so where its TCP sockets are.
std::vector<ZmqProcess> read_zmq_processes(const std::vector<ProcessEntry>& processes);

/// Nothing where there are none.
void print_zmq_processes(Output& out, const std::vector<ZmqProcess>& processes);
/// A JSON array.
std::string zmq_processes_json(const std::vector<ZmqProcess>& processes);

}  // namespace sockopt
