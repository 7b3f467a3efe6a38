// SPDX-License-Identifier: MIT
//
// Each server is run three times: without the library, to see that what the others are asserted to
// have is not there by itself; with settings from variables; and with the same settings from a
// file. What the program sets itself stands in all three, and each test says what that is.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/requirements.h"
#include "tests/support/servers/process_tree_sockets.h"

namespace sockopt::test {

enum class Shim { kNone, kVariables, kFile };

/// Options by key, with values as in sockopt.ini.
using Options = std::map<std::string, std::string>;

/// What every server here is given. Odd numbers, so that nobody else's default is taken for ours.
const Options& asked_options();
inline constexpr int kAskedBacklog = 1024;

/// 107s and 107000ms are one value: as the table writes it.
std::string canonical(const std::string& key, const std::string& text);

/// A server that listens.
struct Server {
  std::unique_ptr<Process> process;
  std::uint16_t port = 0;

  pid_t pid() const { return process->pid(); }
  OwnedSocket listener() const { return await_socket(pid(), listening_on(port)); }
  OwnedSocket accepted(const TcpClient& client) const {
    return await_socket(pid(), accepted_from(client));
  }
};

class DaemonTest : public ::testing::TestWithParam<Shim> {
 protected:
  bool shimmed() const { return GetParam() != Shim::kNone; }
  const TemporaryDirectory& directory() const { return directory_; }

  /// That of every program of the test: with the library and its settings, or without.
  Environment environment() const { return environment(GetParam()); }
  Environment environment(Shim shim) const;

  /// Starts a server that can be told its port, on one that is free, and waits until it listens.
  Server& start(const std::function<Command(std::uint16_t port)>& command);
  /// Starts one that lets the kernel choose, and finds out which port that was.
  Server& start(const Command& command);

  /// The path of servers/server.go, built static; empty where that failed, which is said.
  std::string build_go_server() const;

  /// A client program; its complaints are looked at like a server's.
  Finished run_client(const Command& command);

  /// All that was asked for, but what the program set itself.
  void expect_options(const OwnedSocket& owned, const Options& own = {}) const;
  /// The same, and the backlog raised from the program's.
  void expect_listener(const OwnedSocket& owned, int backlog, const Options& own = {}) const;

  /// The server's end of the client's connection, and its listener, inherit the same.
  void expect_server(const Server& server, const TcpClient& client, int backlog,
                     const Options& own = {}) const;

  void SetUp() override;
  void TearDown() override;

 private:
  std::unique_ptr<Server> try_start(const Command& command, std::uint16_t port);

  TemporaryDirectory directory_;
  std::vector<std::unique_ptr<Server>> servers_;
  std::string complaints_;
};

std::string shim_name(const ::testing::TestParamInfo<Shim>& info);
void PrintTo(Shim shim, std::ostream* out);

// The three ways, as a statement.
#define SOCKOPT_DAEMON_TEST(fixture)                                                     \
  INSTANTIATE_TEST_SUITE_P(                                                              \
      Daemons, fixture,                                                                  \
      ::testing::Values(::sockopt::test::Shim::kNone, ::sockopt::test::Shim::kVariables, \
                        ::sockopt::test::Shim::kFile),                                   \
      ::sockopt::test::shim_name)

}  // namespace sockopt::test
