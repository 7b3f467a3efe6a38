// SPDX-License-Identifier: MIT
//
// Sockets to be shown, of the test's own process or of a program that does as it is told, and what
// the command says of them.
#pragma once

#include <sys/socket.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/listener.h"
#include "tests/support/process.h"
#include "tests/support/sockopt_command.h"
#include "tests/support/tcp_client.h"
#include "tools/inspect/unique_fd.h"

namespace sockopt::test {

/// Both ends of connections to it.
struct Connections {
  Connections(const Listener& listener, int count);

  std::vector<TcpClient> clients;
  std::vector<UniqueFd> accepted;
};

/// Python that holds sockets until it is ended; started behind `before` (setpriv, unshare, ...).
class Holder {
 public:
  explicit Holder(const std::string& python, const std::vector<std::string>& before = {});

  /// Of Python itself, which may be the child of what stands before.
  pid_t pid() const { return pid_; }
  std::string word() const { return std::to_string(pid_); }
  Process& process() { return process_; }

 private:
  Process process_;
  pid_t pid_ = 0;
};

/// This process, as a word of the command line.
std::string own_word();

/// `sockopt show -c FILE ARGUMENTS...`, where FILE holds `policy`; it exits with `expected`.
Finished show(const std::vector<std::string>& arguments, const std::string& policy = "",
              int expected = 0);
/// What it prints with --json.
nlohmann::json show_json(std::vector<std::string> arguments, const std::string& policy = "",
                         int expected = 0);

/// The line that holds `part`; empty where there is none.
std::string line_with(const std::string& text, const std::string& part);
/// Its words.
std::vector<std::string> words_of(const std::string& line);

/// The socket with this local address; null where there is none.
nlohmann::json socket_at(const nlohmann::json& shown, const std::string& local);

}  // namespace sockopt::test
