// SPDX-License-Identifier: MIT
#include "shim/config/file.h"

#include <fcntl.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstring>

#include "shim/config/ini.h"
#include "shim/system/syscalls.h"

namespace sockopt {
namespace {

constexpr uid_t kOverflowUid = 65534;

// How much is read at once into the room that is there: with what stays of an ordinary file it ends
// before a page does. The next page's first touch costs more than another call.
constexpr std::size_t kPiece = 3584;

std::string_view kind_of_file(mode_t mode) {
  if (S_ISDIR(mode)) return "a directory";
  if (S_ISFIFO(mode)) return "a FIFO";
  if (S_ISSOCK(mode)) return "a socket";
  if (S_ISBLK(mode) || S_ISCHR(mode)) return "a device";
  return "a special file";
}

// Whether what `stat` describes may be read as a configuration.
bool is_usable(const system::FileStat& stat, uid_t uid, Text& error) {
  if (!S_ISREG(stat.st_mode)) {
    error << "is " << kind_of_file(stat.st_mode) << ", not a regular file";
    return false;
  }
  if (static_cast<unsigned long long>(stat.st_size) > kMaxConfigurationBytes) {
    error << "is larger than 1 MiB";
    return false;
  }
  return is_trusted(stat.st_uid, stat.st_mode, uid, error);
}

// In a user namespace, all unknown users look the same.  If this process looks like that too, only
// the kernel can tell whether a file is its own: O_NOATIME is for owners.
bool is_of_unknown_user(int fd, const system::FileStat& stat) {
  return stat.st_uid == kOverflowUid && system::call(SYS_fcntl, fd, F_SETFL, O_NOATIME) != 0;
}

FileStatus cannot(std::string_view what, long reason, Text& error) {
  if (reason == ENOENT || reason == ENOTDIR) return FileStatus::kMissing;
  error << "cannot be " << what;
  if (reason == EACCES || reason == EPERM) {
    error << ": permission denied";
  } else {
    (error << ": error ").decimal(reason);
  }
  return FileStatus::kRefused;
}

}  // namespace

bool is_trusted(uid_t owner, mode_t mode, uid_t uid, Text& error) {
  if (owner != 0 && owner != uid) {
    (error << "is owned by user ").unsigned_decimal(owner) << ", not by root";
    if (uid != 0) (error << " or user ").unsigned_decimal(uid);
    if (owner == kOverflowUid) error << " (in a user namespace root's files can show as this user)";
    return false;
  }
  if ((mode & (S_IWGRP | S_IWOTH)) != 0) {
    error << "can be written by " << ((mode & S_IWOTH) != 0 ? "anyone" : "its group")
          << " (chmod go-w)";
    return false;
  }
  return true;
}

FileContent::~FileContent() {
  if (mapped_ != 0) system::unmap_memory(data_, mapped_);
}

FileStatus FileContent::read(const char* path, uid_t uid, Text& error) {
  // Examined before it is opened: opening a device or a FIFO can have side effects.
  system::FileStat stat;
  if (const long result = system::path_stat(path, &stat); result != 0) {
    return cannot("examined", -result, error);
  }
  if (!is_usable(stat, uid, error)) return FileStatus::kRefused;

  const int fd = system::open_file(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return cannot("opened", -fd, error);
  const FileStatus status = read_open(fd, uid, error);
  system::close_file(fd);
  return status;
}

FileStatus FileContent::read_open(int fd, uid_t uid, Text& error) {
  // And again, on the open file: the path may name another one by now.
  system::FileStat stat;
  if (const long result = system::file_stat(fd, &stat); result != 0) {
    return cannot("examined", -result, error);
  }
  if (!is_usable(stat, uid, error)) return FileStatus::kRefused;
  if (is_of_unknown_user(fd, stat)) {
    error << "is owned by a user unknown in this user namespace";
    return FileStatus::kRefused;
  }
  const auto size = static_cast<std::size_t>(stat.st_size);
  data_ = room_.data();
  if (size > room_.size()) {
    // All of it is about to be written: populate it in one go, without a fault per page.
    data_ = static_cast<char*>(system::map_memory(size, MAP_PRIVATE | MAP_POPULATE));
    if (data_ == nullptr) {
      error << "cannot be read: no memory";
      return FileStatus::kRefused;
    }
    mapped_ = size;
  }
  const std::size_t piece = mapped_ != 0 ? size : kPiece;
  for (std::size_t taken = 0; taken < size;) {
    const std::size_t rest = size - taken;
    const long count = system::read_some(fd, data_ + size_, rest < piece ? rest : piece);
    if (count == -EINTR) continue;
    if (count < 0) {
      size_ = 0;
      (error << "cannot be read: error ").decimal(-count);
      return FileStatus::kRefused;
    }
    if (count == 0) break;
    taken += static_cast<std::size_t>(count);
    has_nul_ =
        has_nul_ || std::memchr(data_ + size_, '\0', static_cast<std::size_t>(count)) != nullptr;
    size_ += static_cast<std::size_t>(count);
    empty_comments();
  }
  return FileStatus::kRead;
}

void FileContent::empty_comments() {
  char* to = data_ + line_;
  const char* from = to;
  const char* const end = data_ + size_;
  while (const void* found = std::memchr(from, '\n', static_cast<std::size_t>(end - from))) {
    const auto length = static_cast<std::size_t>(static_cast<const char*>(found) + 1 - from);
    // A NUL is a fault, wherever it is.
    if (begins_comment(*from) && (!has_nul_ || std::memchr(from, '\0', length) == nullptr)) {
      *to++ = '\n';
    } else {
      std::memmove(to, from, length);
      to += length;
    }
    from += length;
  }
  const auto begun = static_cast<std::size_t>(end - from);
  std::memmove(to, from, begun);
  line_ = static_cast<std::size_t>(to - data_);
  size_ = line_ + begun;
}

}  // namespace sockopt
