// SPDX-License-Identifier: MIT
#include "tools/inspect/process_sockets.h"

#include <cstdint>
#include <stdexcept>
#include <string>

#include "shim/options/lookup.h"

namespace sockopt {
namespace {

OptionId row_of(std::string_view key) {
  const OptionId row = find_option(key);
  if (row == kNoOption) throw std::out_of_range("no such option: " + std::string(key));
  return row;
}

}  // namespace

const OptionReading& SocketSnapshot::option(std::string_view key) const {
  return options[row_of(key)];
}

std::string SocketSnapshot::text(std::string_view key) const {
  const OptionId row = row_of(key);
  return reading_text(kOptions[row], options[row]);
}

std::optional<Failure> visit_sockets(const ForeignProcess& process,
                                     const std::function<void(const ForeignSocket&)>& visit) {
  return process.each_socket_number([&](int number, std::uint64_t) -> std::optional<Failure> {
    const Result<std::optional<ForeignSocket>> socket = ForeignSocket::open(process, number);
    if (!socket) return socket.failure();
    if (*socket) visit(**socket);
    return std::nullopt;
  });
}

SocketSnapshot take_snapshot(const ForeignSocket& socket) {
  SocketSnapshot snapshot{.facts = socket.facts(), .options = {}};
  for (std::size_t row = 0; row < kOptionCount; ++row) {
    snapshot.options[row] = read_option(socket, kOptions[row]);
  }
  return snapshot;
}

ProcessSockets list_sockets(const ForeignProcess& process) {
  ProcessSockets result;
  result.failure = visit_sockets(process, [&](const ForeignSocket& socket) {
    result.sockets.push_back(take_snapshot(socket));
  });
  return result;
}

ProcessSockets list_sockets(pid_t pid) {
  const Result<ForeignProcess> process = ForeignProcess::open(pid);
  if (!process) return {.sockets = {}, .failure = process.failure()};
  return list_sockets(*process);
}

}  // namespace sockopt
