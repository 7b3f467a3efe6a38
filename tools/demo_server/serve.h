// SPDX-License-Identifier: MIT
//
// The ways to serve: as event loops, threaded and pre-forking servers do, and for measuring accept.

#pragma once

#include <vector>

#include "command_line.h"

namespace demo {

// Each returns the exit status, after SIGTERM or (drain) when done.
int serve_poll_loop(const Settings& settings, const std::vector<int>& listeners);
int serve_threads(const Settings& settings, const std::vector<int>& listeners);
int serve_processes(const Settings& settings, const std::vector<int>& listeners);
int serve_drain(const Settings& settings, int listener);

}  // namespace demo
