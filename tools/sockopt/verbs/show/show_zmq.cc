// SPDX-License-Identifier: MIT
#include "tools/sockopt/verbs/show/show_zmq.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "shim/text/text.h"
#include "tools/sockopt/report/terminal.h"
#include "tools/sockopt/report/text_table.h"

namespace sockopt {
namespace {

std::string zmq_use_word(const ZmqEndpoint& one) { return one.bound ? "bound" : "connected"; }

}  // namespace

std::vector<ZmqProcess> read_zmq_processes(const std::vector<ProcessEntry>& processes) {
  std::vector<ZmqProcess> found;
  for (const ProcessEntry& entry : processes) {
    const auto process = ForeignProcess::open(entry.pid, entry.start_time);
    if (!process) continue;
    auto held = read_zmq_sockets(*process);
    if (!held || !*held || (*held)->idle) continue;
    found.push_back({entry.pid, entry.name, *std::move(*held)});
  }
  return found;
}

void print_zmq_processes(Output& out, const std::vector<ZmqProcess>& processes) {
  const auto has_sockets = [](const ZmqProcess& one) { return !one.held.sockets.empty(); };
  if (std::none_of(processes.begin(), processes.end(), has_sockets)) return;
  TextTable table({{"ZEROMQ"}, {"PROGRAM"}, {"USE", 1}, {"ENDPOINT"}});
  for (const ZmqProcess& process : processes) {
    const std::string program = fmt::format("{}({})", printable(process.program), process.pid);
    for (const ZmqSocket& socket : process.held.sockets) {
      std::string type = socket.type;
      std::transform(type.begin(), type.end(), type.begin(), to_upper);
      if (socket.endpoints.empty()) table.add({type, program, "-", "-"});
      for (const ZmqEndpoint& one : socket.endpoints) {
        table.add({type, program, zmq_use_word(one), printable(one.endpoint)});
      }
    }
  }
  out.write("\n");
  table.print(out, Style::of(STDOUT_FILENO), terminal_width(STDOUT_FILENO));
  for (const ZmqProcess& process : processes) {
    if (process.held.left_out == 0) continue;
    out.print("{}({}) has more: its list has no room for {} of them\n", printable(process.program),
              process.pid, process.held.left_out);
  }
}

std::string zmq_processes_json(const std::vector<ZmqProcess>& processes) {
  auto all = nlohmann::ordered_json::array();
  for (const ZmqProcess& process : processes) {
    for (const ZmqSocket& socket : process.held.sockets) {
      auto endpoints = nlohmann::ordered_json::array();
      for (const ZmqEndpoint& one : socket.endpoints) {
        endpoints.push_back({{"use", zmq_use_word(one)}, {"endpoint", printable(one.endpoint)}});
      }
      all.push_back({{"pid", process.pid},
                     {"program", printable(process.program)},
                     {"type", socket.type},
                     {"endpoints", std::move(endpoints)}});
    }
  }
  return all.dump();
}

}  // namespace sockopt
