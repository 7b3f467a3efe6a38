// SPDX-License-Identifier: MIT
#include "tests/support/servers/demo_server.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "tests/support/paths.h"

namespace sockopt::test {
namespace {

Command demo_server(std::vector<std::string> arguments, const std::string& user,
                    const Environment& environment) {
  Command command;
  command.environment = environment;
  command.argv = {build_directory() / "demo_server"};
  command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
  command.user = user;
  return command;
}

constexpr std::string_view kUndo = "Undo: ";
constexpr std::string_view kCommandName = "sockopt ";

}  // namespace

DemoServer::DemoServer(std::vector<std::string> arguments, const std::string& user,
                       const Environment& environment)
    : process_(demo_server(std::move(arguments), user, environment)) {
  std::string ready;
  eventually(kPatience, [&] {
    ready = process_.output();
    return ready.find('\n') != std::string::npos || !process_.running();
  });
  const auto end = ready.find('\n');
  if (end == std::string::npos) throw std::runtime_error("demo_server: " + process_.error());
  listeners_ = nlohmann::json::parse(ready.substr(0, end)).at("listeners");
}

std::uint16_t DemoServer::port(std::size_t listener) const {
  return listeners_.at(listener).at("port").get<std::uint16_t>();
}

std::string DemoServer::address(std::size_t listener) const {
  const std::string bound = listeners_.at(listener).at("address");
  return bound == "0.0.0.0" ? "127.0.0.1" : bound == "::" ? "::1" : bound;
}

nlohmann::json DemoServer::options(TcpClient& client) {
  client.send("options\n");
  return nlohmann::json::parse(client.receive_until("\n"));
}

std::vector<SocketSnapshot> DemoServer::sockets() const {
  ProcessSockets listed = list_sockets(pid());
  if (listed.failure) throw std::runtime_error(listed.failure->text());
  return listed.sockets;
}

SocketSnapshot DemoServer::listener(std::size_t listener) const {
  for (const SocketSnapshot& socket : sockets()) {
    if (socket.facts.listening && socket.facts.local.port == port(listener)) return socket;
  }
  throw std::runtime_error("no such listener");
}

Finished apply(std::vector<std::string> arguments, int expected) {
  arguments.insert(arguments.begin(), "apply");
  Finished finished = sockopt(std::move(arguments));
  EXPECT_EQ(status(finished), expected) << finished.output << finished.error;
  return finished;
}

std::vector<std::string> undo_lines(const std::string& output) {
  std::vector<std::string> lines;
  std::istringstream text(output);
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with(kUndo)) lines.push_back(line.substr(kUndo.size()));
  }
  return lines;
}

std::string undo(const std::string& output) {
  const std::vector<std::string> lines = undo_lines(output);
  EXPECT_FALSE(lines.empty()) << output;
  std::string said;
  for (const std::string& line : lines) {
    const Finished finished = run_printed(line);
    EXPECT_TRUE(finished.success()) << line << '\n' << finished.output << finished.error;
    said += finished.output;
  }
  return said;
}

Finished run_printed(std::string command_line, const Environment& environment) {
  EXPECT_TRUE(command_line.starts_with(kCommandName)) << command_line;
  command_line = command_path() + ' ' + command_line.substr(kCommandName.size());
  Command shell{.argv = {"bash", "-c", command_line}};
  for (const auto& [name, value] : environment) shell.environment[name] = value;
  return run(shell);
}

std::string printed_command(const std::string& output, const std::string& before) {
  const std::size_t marked = output.find(before);
  const std::size_t at = output.find(kCommandName, marked);
  if (marked == std::string::npos || at == std::string::npos) return {};
  return output.substr(at, output.find('\n', at) - at);
}

std::string held(const std::vector<SocketSnapshot>& sockets) {
  std::vector<std::string> lines;
  for (const SocketSnapshot& socket : sockets) {
    std::string line = socket.facts.local.text() + ' ' + socket.facts.peer.text();
    for (const Option& option : kOptions) {
      // The kernel changes it by itself.
      if (option.read_back == ReadBack::kTransient) continue;
      line += ' ' + std::string(option.key.view()) + '=' + socket.text(option.key.view());
    }
    lines.push_back(std::move(line));
  }
  std::sort(lines.begin(), lines.end());
  std::string text;
  for (const std::string& line : lines) text += line + '\n';
  return text;
}

}  // namespace sockopt::test
