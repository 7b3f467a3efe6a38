// SPDX-License-Identifier: MIT
//
// Servers that start a program for each connection, and are not under the library themselves: what
// the program is given has its options when the program begins.
#include <gtest/gtest.h>

#include "tests/support/paths.h"
#include "tests/support/requirements.h"
#include "tests/support/script.h"
#include "tests/support/tcp_client.h"

namespace sockopt::test {
namespace {

struct Server {
  const char* name;
  const char* program;
  std::vector<std::string> options;  // up to the port
  const char* descriptor;            // that is the connection
};
void PrintTo(const Server& server, std::ostream* out) { *out << server.name; }

class GivenBy : public ::testing::TestWithParam<Server> {};

TEST_P(GivenBy, AServerThatStartsAProgramForEachConnection) {
  const Server& server = GetParam();
  if (!has_program(server.program)) GTEST_SKIP() << server.program << " is not installed";
  const TemporaryDirectory directory;
  const auto answers = directory / "answers";
  const std::string port = std::to_string(free_port());
  std::vector<std::string> argv = server.options;
  argv.insert(argv.begin(), server.program);
  argv.push_back(port);
  argv.insert(argv.end(),
              {"env", "LD_PRELOAD=" + library().string(), "SOCKOPT_KEEPIDLE=61s",
               "SOCKOPT_KEEPALIVE=on", "sh", "-c", "exec 9>\"$0\"; ACTOR_OUT=9 exec \"$@\"",
               answers, victim("actor"), std::string("fd c ") + server.descriptor,
               "get c TCP_KEEPIDLE", "get c SO_KEEPALIVE", "fd d 9"});
  Process process({.argv = argv});
  ASSERT_TRUE(eventually(kPatience, [&] {
    return accepts_connections("127.0.0.1", static_cast<std::uint16_t>(std::stoi(port)));
  })) << process.error();
  ASSERT_TRUE(
      eventually(kPatience, [&] { return read_file(answers).find("fd d 9") != std::string::npos; }))
      << read_file(answers) << process.error();
  const std::string text = read_file(answers);
  EXPECT_NE(text.find("get c TCP_KEEPIDLE = 61\n"), std::string::npos) << text;
  EXPECT_NE(text.find("get c SO_KEEPALIVE = 1\n"), std::string::npos) << text;
}

INSTANTIATE_TEST_SUITE_P(
    , GivenBy,
    ::testing::Values(
        Server{"tcpserver", "tcpserver", {"-H", "-R", "-l", "0", "127.0.0.1"}, "0"},
        Server{"as_input", "systemd-socket-activate", {"--accept", "--inetd", "--listen"}, "0"},
        Server{"in_listen_fds", "systemd-socket-activate", {"--accept", "--listen"}, "3"}),
    by_name);

}  // namespace
}  // namespace sockopt::test
