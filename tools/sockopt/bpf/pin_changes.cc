// SPDX-License-Identifier: MIT
#include "tools/sockopt/bpf/pin_changes.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <system_error>

#include "tools/sockopt/bpf/host_support.h"

namespace sockopt {

PinChanges::PinChanges() : notifier_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {}

// Anew each time: a directory that is gone, or has another name, may be there again.
void PinChanges::renew() {
  alignas(inotify_event) char events[4096];
  while (::read(notifier_.get(), events, sizeof events) > 0) continue;
  add(std::filesystem::path(kPinDirectory).parent_path());
  add(kPinDirectory);
  std::error_code none;
  for (std::filesystem::directory_iterator it(kPinDirectory, none), end; !none && it != end;
       it.increment(none)) {
    std::error_code error;
    if (it->is_directory(error)) add(it->path());
  }
}

void PinChanges::add(const std::string& directory) const {
  constexpr std::uint32_t kEvents =
      IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ONLYDIR;
  ::inotify_add_watch(notifier_.get(), directory.c_str(), kEvents);
}

}  // namespace sockopt
