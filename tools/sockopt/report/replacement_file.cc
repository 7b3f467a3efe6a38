// SPDX-License-Identifier: MIT
//
// See replacement_file.h.
#include "tools/sockopt/report/replacement_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <system_error>

namespace sockopt {
namespace {

// Of links that lead to nothing, which realpath(3) does not follow.
Result<std::string> end_of_links(const std::string& path) {
  constexpr int kMostLinks = 40;
  std::filesystem::path end = path;
  for (int i = 0; i < kMostLinks; ++i) {
    std::error_code no_link;
    const std::filesystem::path next = std::filesystem::read_symlink(end, no_link);
    if (no_link) return end.native();
    end = end.parent_path() / next;
  }
  return Failure::of("follow " + path, ELOOP);
}

Result<std::string> without_links(const std::string& path) {
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0) return end_of_links(path);
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr),
                                                         &std::free);
  if (!real) return Failure::of("follow " + path, errno);
  return std::string(real.get());
}

// As a new file of whoever writes it, or as the one that it replaces.
int give_rights(int fd, const std::string& path) {
  struct stat old = {};
  if (::stat(path.c_str(), &old) == 0) {
    // Only root gives files away; a group of one's own can be kept by anybody.
    if (::fchown(fd, old.st_uid, old.st_gid) != 0 && ::fchown(fd, -1, old.st_gid) != 0) errno = 0;
    return ::fchmod(fd, old.st_mode & 0777);
  }
  // mkstemp makes it the writer's alone; it is to be read by others, as far as the umask lets them.
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return ::fchmod(fd, 0666 & ~mask);
}

}  // namespace

std::string_view why_not_replaceable(const std::string& path) {
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0) return {};
  switch (status.st_mode & S_IFMT) {
    case S_IFREG:
      return {};
    case S_IFDIR:
      return "is a directory";
    case S_IFCHR:
    case S_IFBLK:
      return "is a device";
    case S_IFIFO:
      return "is a pipe";
    default:
      return "is not a file";
  }
}

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
  if (!why_not_replaceable(path).empty()) return Failure::of("replace " + path, EINVAL);
  const Result<std::string> target = without_links(path);
  if (!target) return target.failure();
  // No name that a collector of *.prom would take for a finished file.
  std::string temporary = *target + ".XXXXXX";
  const int fd = ::mkostemp(temporary.data(), O_CLOEXEC);
  if (fd < 0) return Failure::of("create " + *target, errno);
  ReplacementFile file(*target, std::move(temporary), fd);
  if (give_rights(fd, *target) != 0) return Failure::of("chmod " + *target, errno);
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
