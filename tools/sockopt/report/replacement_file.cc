// SPDX-License-Identifier: MIT
#include "tools/sockopt/report/replacement_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
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

// Those of the file that is replaced, where there is one.
int keep_rights(int fd, const std::string& path) {
  struct stat old = {};
  if (::stat(path.c_str(), &old) != 0) return 0;
  // Only root gives files away; a group of one's own can be kept by anybody.
  if (::fchown(fd, old.st_uid, old.st_gid) != 0 && ::fchown(fd, -1, old.st_gid) != 0) errno = 0;
  return ::fchmod(fd, old.st_mode & 0777);
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

ReplacementFile::ReplacementFile(UniqueFd directory, std::string name, std::string temporary,
                                 UniqueFd fd)
    : directory_(std::move(directory)),
      name_(std::move(name)),
      temporary_(std::move(temporary)),
      fd_(std::move(fd)) {}

ReplacementFile::ReplacementFile(ReplacementFile&& other) noexcept
    : directory_(std::move(other.directory_)),
      name_(std::move(other.name_)),
      temporary_(std::exchange(other.temporary_, std::string())),
      fd_(std::move(other.fd_)) {}

ReplacementFile::~ReplacementFile() {
  if (!temporary_.empty()) ::unlinkat(directory_.get(), temporary_.c_str(), 0);
}

Result<ReplacementFile> ReplacementFile::create(const std::string& path) {
  if (!why_not_replaceable(path).empty()) return Failure::of("replace " + path, EINVAL);
  const Result<std::string> target = without_links(path);
  if (!target) return target.failure();
  const std::filesystem::path place = std::filesystem::absolute(*target);
  UniqueFd directory(::open(place.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return Failure::of("create " + *target, errno);
  const mode_t mask = ::umask(0);
  ::umask(mask);
  Result<ReplacementFile> file = create(std::move(directory), place.filename(), 0666 & ~mask);
  if (!file) return Failure::of("create " + *target, file.failure().error);
  if (keep_rights(file->fd_.get(), *target) != 0) return Failure::of("chmod " + *target, errno);
  return file;
}

Result<ReplacementFile> ReplacementFile::create(UniqueFd directory, const std::string& name,
                                                mode_t mode) {
  std::uint64_t number = 0;
  if (::getrandom(&number, sizeof number, 0) < 0) return Failure::of("getrandom", errno);
  // A name that no collector of *.prom and no service manager takes for a finished file.
  std::string temporary = fmt::format(".{}.{:x}", name, number);
  UniqueFd fd(::openat(directory.get(), temporary.c_str(),
                       O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd) return Failure::of("open", errno);
  ReplacementFile file(std::move(directory), name, std::move(temporary), std::move(fd));
  // The umask had its say when the file was made.
  if (::fchmod(file.fd_.get(), mode) != 0) return Failure::of("chmod", errno);
  return file;
}

std::optional<Failure> ReplacementFile::write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd_.get(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Failure::of("write", errno);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return std::nullopt;
}

std::optional<Failure> ReplacementFile::commit() {
  if (fd_ && ::fsync(fd_.get()) != 0) return Failure::of("fsync", errno);
  if (::renameat(directory_.get(), temporary_.c_str(), directory_.get(), name_.c_str()) != 0) {
    return Failure::of("rename", errno);
  }
  temporary_.clear();
  // A name in a directory is on disk only when the directory is.
  if (fd_ && ::fsync(directory_.get()) != 0) return Failure::of("fsync", errno);
  return std::nullopt;
}

}  // namespace sockopt
