// SPDX-License-Identifier: MIT
//
// The one place where connections are accepted, as the command line wants it done.

#pragma once

#include <sys/socket.h>

#include "command_line.h"

namespace demo {

int call_accept(const Settings& settings, int listener, sockaddr_storage& peer);

// What errno means after a failed accept.
enum class Failure { kEmptyQueue, kTransient, kPause };
Failure accept_failure();

void report_accepted(const Settings& settings, int fd, sockaddr_storage peer);

}  // namespace demo
