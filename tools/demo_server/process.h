// SPDX-License-Identifier: MIT
//
// What the server needs of its process: failing, waiting in a way that SIGTERM ends, printing whole
// lines, and descriptors.

#pragma once

#include <csignal>
#include <string>
#include <vector>

namespace demo {

[[noreturn]] void fail(int status, const std::string& message);
[[noreturn]] void fail_errno(const std::string& what);  // status 1, with errno in words

// SIGTERM and SIGINT are blocked but for the moments in which a wait has wait_mask, so that none
// gets lost between looking at stop_requested and waiting.
extern volatile std::sig_atomic_t stop_requested;
extern sigset_t wait_mask;
sigset_t stop_signals();
void prepare_signals();
// Keeps the stop signals blocked in waits, too, for a process whose main thread waits for them.
void leave_signals_to_main_thread();

// Until fd is ready; false when the server is to stop.
bool wait_for(int fd, short events);

// One write where possible: lines of several threads and processes must not mix. A reader that
// has stopped reading is not waited for when the server is told to end.
bool print_line(std::string line);

void set_nonblocking(int fd, bool wanted);
void close_descriptors_except(const std::vector<int>& keep);  // and 0, 1, 2
void allow_descriptors(int wanted);

}  // namespace demo
