// SPDX-License-Identifier: MIT
//
// The sockets of two processes that run the same server, side by side: what demo.sh shows.  Both
// are read from outside, through copies of their descriptors, so that neither has to be asked.
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

#include "tools/inspect/process_sockets.h"

namespace {

using sockopt::ProcessSockets;
using sockopt::SocketSnapshot;

struct Pair {
  const SocketSnapshot* before = nullptr;
  const SocketSnapshot* after = nullptr;
};

const SocketSnapshot* first(const ProcessSockets& process, bool listening) {
  for (const SocketSnapshot& socket : process.sockets) {
    if (socket.facts.listening == listening) return &socket;
  }
  return nullptr;
}

void print_row(std::string_view what, const std::string& before, const std::string& after) {
  fmt::print("{:<22} {:>12} {:>12}\n", what, before, after);
}

// The options in which the two differ.
void print_pair(std::string_view title, const Pair& pair) {
  fmt::print("{}\n", title);
  if (pair.before == nullptr || pair.after == nullptr) {
    fmt::print("  not there in both processes\n");
    return;
  }
  for (const sockopt::Option& option : sockopt::kOptions) {
    const std::string before = pair.before->text(option.key);
    const std::string after = pair.after->text(option.key);
    // The CPU that the connection came in on is nobody's setting.
    if (option.key == "incoming_cpu") continue;
    if (before != after) print_row(fmt::format("  {}", option.key.view()), before, after);
  }
}

std::optional<ProcessSockets> read(const char* pid) {
  ProcessSockets sockets = sockopt::list_sockets(std::atoi(pid));
  if (!sockets.failure) return sockets;
  fmt::print(stderr, "compare_sockets: {}: {}\n", pid, sockets.failure->text());
  return std::nullopt;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "usage: compare_sockets PID PID\n");
    return 2;
  }
  const auto before = read(argv[1]);
  const auto after = read(argv[2]);
  if (!before || !after) return 1;
  print_row("", "without", "with");
  print_pair("listener", {first(*before, true), first(*after, true)});
  print_pair("accepted connection", {first(*before, false), first(*after, false)});
  return 0;
}
