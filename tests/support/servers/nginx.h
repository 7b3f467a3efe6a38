// SPDX-License-Identifier: MIT
//
// An nginx of the test's own: all that it reads and writes is in the test's directory, its clients
// are few, and it leaves the options of its sockets alone unless it is told otherwise.
#pragma once

#include <string>
#include <vector>

#include "tests/support/temporary_directory.h"

namespace sockopt::test {

struct NginxSetup {
  std::string listen;  ///< what follows `listen`: 127.0.0.1:8080 backlog=77
  int workers = 1;
  std::string main = "daemon off;";       ///< directives outside of http
  std::string http = "tcp_nodelay off;";  ///< of http; on, nginx would set it itself
  std::string server = "";                ///< of the one server
};

/// Writes nginx.conf; returns the command line that starts it. Its one page is html/index.html, and
/// says hello.
std::vector<std::string> set_up_nginx(const TemporaryDirectory& directory, const NginxSetup& setup);

}  // namespace sockopt::test
