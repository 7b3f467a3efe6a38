// SPDX-License-Identifier: MIT
//
// A server that somebody runs, mostly without the library: demo_server, which sets no options and
// tells each client which ones its socket has. What it tells is what its own getsockopt says.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/sockopt_command.h"
#include "tests/support/tcp_client.h"
#include "tools/inspect/process_sockets.h"

namespace sockopt::test {

class DemoServer {
 public:
  /// With these arguments; returns when it is ready.
  explicit DemoServer(std::vector<std::string> arguments = {}, const std::string& user = {},
                      const Environment& environment = plain_environment());

  pid_t pid() const { return process_.pid(); }
  std::string word() const { return std::to_string(pid()); }
  Process& process() { return process_; }
  std::uint16_t port(std::size_t listener = 0) const;
  std::string address(std::size_t listener = 0) const;
  TcpClient connect(std::size_t listener = 0) const { return {address(listener), port(listener)}; }

  /// What the server itself reads of its end of the connection, in the kernel's units.
  static nlohmann::json options(TcpClient& client);

  std::vector<SocketSnapshot> sockets() const;
  SocketSnapshot listener(std::size_t listener = 0) const;

 private:
  Process process_;
  nlohmann::json listeners_;
};

/// `sockopt apply ARGUMENTS...`, which exits with `expected`.
Finished apply(std::vector<std::string> arguments, int expected = 0);

/// What was printed behind `Undo: `, line by line.
std::vector<std::string> undo_lines(const std::string& output);
/// Does what they say, and returns what that printed.
std::string undo(const std::string& output);

/// What is printed as `sockopt ...`, run by a shell as it was printed.
Finished run_printed(std::string command_line, const Environment& environment = {});
/// The rest of the first line that holds this, from `sockopt ` on; empty where there is none.
std::string printed_command(const std::string& output, const std::string& before);

/// All that the kernel holds for these sockets, as text that can be compared.
std::string held(const std::vector<SocketSnapshot>& sockets);

}  // namespace sockopt::test
