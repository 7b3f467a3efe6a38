// SPDX-License-Identifier: MIT
#include "tools/sockopt/verbs/watch/service_manager.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstdlib>

#include "tools/inspect/unique_fd.h"

namespace sockopt {

void tell_service_manager(std::string_view state) {
  const char* const given = std::getenv("NOTIFY_SOCKET");
  const std::string_view name = given == nullptr ? "" : given;
  sockaddr_un address = {};
  if (name.size() < 2 || name.size() > sizeof address.sun_path) return;
  address.sun_family = AF_UNIX;
  name.copy(address.sun_path, name.size());
  // One that is in no file system.
  if (name.front() == '@') address.sun_path[0] = '\0';
  const UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  if (socket) {
    ::sendto(socket.get(), state.data(), state.size(), MSG_NOSIGNAL,
             reinterpret_cast<const sockaddr*>(&address), size);
  }
}

}  // namespace sockopt
