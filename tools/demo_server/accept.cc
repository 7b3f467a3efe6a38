// SPDX-License-Identifier: MIT
//
// accept and accept4, with and without an address, and what their errors mean.

#include "accept.h"

#include <unistd.h>

#include <cerrno>
#include <string>

#include "process.h"
#include "report.h"

namespace demo {

int call_accept(const Settings& settings, int listener, sockaddr_storage& peer) {
  socklen_t size = sizeof peer;
  sockaddr* address = settings.null_address ? nullptr : reinterpret_cast<sockaddr*>(&peer);
  socklen_t* address_size = settings.null_address ? nullptr : &size;
  return settings.accept4 ? accept4(listener, address, address_size, SOCK_CLOEXEC)
                          : accept(listener, address, address_size);
}

// accept also hands out the errors of the connection that was to be accepted. Only those of the
// listener itself end the server; where a descriptor or memory was lacking, or the reason is not
// known, another attempt at once would likely fail, too.
Failure accept_failure() {
  switch (errno) {
    case EAGAIN:
      return Failure::kEmptyQueue;
    case EINTR:
    case ECONNABORTED:
      return Failure::kTransient;
    case EBADF:
    case EFAULT:
    case EINVAL:
    case ENOTSOCK:
      fail_errno("accept");
    default:
      return Failure::kPause;
  }
}

void report_accepted(const Settings& settings, int fd, sockaddr_storage peer) {
  if (!settings.report) return;
  socklen_t size = sizeof peer;
  const bool known =
      !settings.null_address || getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) == 0;
  print_line("{\"event\":\"accepted\",\"pid\":" + std::to_string(getpid()) +
             ",\"fd\":" + std::to_string(fd) +
             ",\"peer\":" + (known ? '"' + endpoint_text(peer) + '"' : "null") +
             ",\"options\":" + options_json(fd) + '}');
}

}  // namespace demo
