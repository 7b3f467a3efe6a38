// SPDX-License-Identifier: MIT
#include "tests/bpf/watching.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <sstream>
#include <stdexcept>

#include "tests/support/sockopt_command.h"

namespace sockopt::test {

Watching::Watching(std::vector<std::string> arguments)
    : manager_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
  const std::string path = files_ / "notify";
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  if (::bind(manager_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("bind " + path);
  }
  arguments.insert(arguments.begin(), "watch");
  process_ = std::make_unique<Process>(command(std::move(arguments), {{"NOTIFY_SOCKET", path}}));
  std::string told;
  const bool is_ready = eventually(kPatience, [&] {
    char text[64];
    const ssize_t size = ::recv(manager_.get(), text, sizeof text, 0);
    if (size > 0) told.assign(text, static_cast<std::size_t>(size));
    return size > 0 || !process_->running();
  });
  if (!is_ready || told != "READY=1") throw std::runtime_error("not ready: " + process_->error());
}

std::vector<nlohmann::json> Watching::events(const std::string& kind) const {
  std::vector<nlohmann::json> all;
  std::istringstream lines(process_->output());
  for (std::string line; std::getline(lines, line);) {
    // The last one may be being written.
    const nlohmann::json event = nlohmann::json::parse(line, nullptr, false);
    if (event.is_discarded()) break;
    if (kind.empty() || event.at("event") == kind) all.push_back(event);
  }
  return all;
}

bool Watching::says(const std::string& kind, std::size_t count) const {
  return eventually(kPatience, [&] { return events(kind).size() >= count; });
}

}  // namespace sockopt::test
