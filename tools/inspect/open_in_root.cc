// SPDX-License-Identifier: MIT
//
// See open_in_root.h. openat2 (Linux 5.6, as pidfd_getfd) is called by number: glibc has no wrapper
// for it.
#include "tools/inspect/open_in_root.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace sockopt {

UniqueFd open_in_root(const std::string& root, const std::string& path, int flags) {
  flags |= O_CLOEXEC;
  if (root.empty()) return UniqueFd(::open(path.c_str(), flags));
  const UniqueFd top(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!top) return {};
  open_how how = {};
  how.flags = static_cast<unsigned>(flags);
  how.resolve = RESOLVE_IN_ROOT;
  return UniqueFd(
      static_cast<int>(::syscall(SYS_openat2, top.get(), path.c_str(), &how, sizeof how)));
}

}  // namespace sockopt
