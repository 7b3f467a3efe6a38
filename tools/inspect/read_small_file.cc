// SPDX-License-Identifier: MIT
#include "tools/inspect/read_small_file.h"

#include <fcntl.h>
#include <limits.h>

#include <cerrno>

#include "tools/inspect/unique_fd.h"

namespace sockopt {

Result<std::string> read_small_file(int at, const std::string& path) {
  const UniqueFd file(openat(at, path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return Failure::of("open " + path, errno);
  std::string text;
  char piece[4096];
  for (;;) {
    const ssize_t size = ::read(file.get(), piece, sizeof piece);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return Failure::of("read " + path, errno);
    if (size == 0) return text;
    text.append(piece, static_cast<std::size_t>(size));
  }
}

Result<std::string> read_link(int at, const std::string& path) {
  char target[PATH_MAX];
  const ssize_t size = readlinkat(at, path.c_str(), target, sizeof target);
  if (size < 0) return Failure::of("readlink " + path, errno);
  return std::string(target, static_cast<std::size_t>(size));
}

}  // namespace sockopt
