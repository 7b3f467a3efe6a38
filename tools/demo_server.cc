// SPDX-License-Identifier: MIT
//
// A TCP server to try socket options on. It sets none itself (save IPV6_V6ONLY on IPv6 listeners)
// and says what the kernel holds for each of its sockets, so whatever departs from the kernel's
// defaults was put there from outside. It shares no code with what it is there to try.

#include <unistd.h>

#include <exception>
#include <string>
#include <vector>

#include "demo_server/command_line.h"
#include "demo_server/listeners.h"
#include "demo_server/process.h"
#include "demo_server/report.h"
#include "demo_server/serve.h"

namespace {

void print_ready(const std::vector<int>& listeners) {
  std::string list;
  for (const int fd : listeners) list += (list.empty() ? "" : ",") + demo::listener_json(fd);
  const std::string pid = std::to_string(getpid());
  const bool printed =
      demo::print_line("{\"event\":\"ready\",\"pid\":" + pid + ",\"listeners\":[" + list + "]}");
  if (!printed && demo::stop_requested == 0) demo::fail_errno("standard output");
}

int run(int argc, char** argv) {
  using namespace demo;
  Settings settings = parse_command_line(argc, argv);
  if (settings.inherited) add_listen_fds(settings);
  if (settings.close_fds) close_descriptors_except(settings.descriptors);
  if (settings.drain > 0 && settings.descriptors.size() > 1) fail(1, "--drain takes one listener");
  if (settings.drain > 0) allow_descriptors(settings.drain);
  prepare_signals();
  const std::vector<int> listeners = open_listeners(settings);
  print_ready(listeners);
  if (settings.drain > 0) return serve_drain(settings, listeners.front());
  if (settings.mode == Mode::kThreads) return serve_threads(settings, listeners);
  if (settings.mode == Mode::kFork) return serve_processes(settings, listeners);
  return serve_poll_loop(settings, listeners);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {  // no memory, or no thread to start with
    demo::fail(1, error.what());
  }
}
