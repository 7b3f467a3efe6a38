// SPDX-License-Identifier: MIT
//
// What the server is asked to do.

#pragma once

#include <netinet/in.h>

#include <string>
#include <vector>

namespace demo {

constexpr int kMptcp = 262;  // IPPROTO_MPTCP; not in every libc's headers

enum class Mode { kSingle, kThreads, kFork };

struct Settings {
  std::string family = "4";
  int protocol = IPPROTO_TCP;
  bool any = false;
  int port = 0;
  int backlog = 5;
  bool inherited = false;
  std::vector<int> descriptors;  // already listening: --inherit-fd and LISTEN_FDS
  bool close_fds = false;
  Mode mode = Mode::kSingle;
  int workers = 2;
  bool accept4 = true;
  bool null_address = false;
  bool report = false;
  int drain = 0;
};

// Strictly: the whole text, and within the range.
bool parse_number(const char* text, int low, int high, int& value);

// Ends the process with status 2 on a wrong command line, and with 0 after --help.
Settings parse_command_line(int argc, char** argv);

}  // namespace demo
