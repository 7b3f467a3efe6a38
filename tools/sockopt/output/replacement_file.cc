// SPDX-License-Identifier: MIT
//
// See replacement_file.h.
#include "tools/sockopt/output/replacement_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace sockopt {

ReplacementFile::ReplacementFile(std::string path, std::string temporary, int fd)
    : path_(std::move(path)), temporary_(std::move(temporary)), fd_(fd) {}

ReplacementFile::ReplacementFile(ReplacementFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, std::string())),
      fd_(std::move(other.fd_)) {}

ReplacementFile::~ReplacementFile() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

Result<ReplacementFile> ReplacementFile::create(const std::string& path) {
  // No name that a collector of *.prom would take for a finished file.
  std::string temporary = path + ".XXXXXX";
  const int fd = ::mkostemp(temporary.data(), O_CLOEXEC);
  if (fd < 0) return Failure::of("create " + path, errno);
  ReplacementFile file(path, std::move(temporary), fd);
  // mkstemp makes it the writer's alone; it is to be read by others, as far as the umask lets them.
  const mode_t mask = ::umask(0);
  ::umask(mask);
  if (::fchmod(fd, 0666 & ~mask) != 0) return Failure::of("chmod " + path, errno);
  return file;
}

std::optional<Failure> ReplacementFile::commit() {
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) {
    return Failure::of("rename " + path_, errno);
  }
  temporary_.clear();
  return std::nullopt;
}

}  // namespace sockopt
