// SPDX-License-Identifier: MIT
#include "tools/sockopt/diagnosis/library_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "shim/config/file.h"
#include "shim/text/text.h"
#include "tools/sockopt/launch/loader_cache.h"

namespace sockopt {
namespace {

// As the kernel decides it, save for access control lists: those can only be asked as that user.
bool may(const struct stat& status, const LibraryUser& user, mode_t right) {
  if (user.user == 0) return true;
  if (status.st_uid == user.user) return (status.st_mode & right << 6) != 0;
  const bool member =
      std::find(user.groups.begin(), user.groups.end(), status.st_gid) != user.groups.end();
  return (status.st_mode & (member ? right << 3 : right)) != 0;
}

// Each directory on the way, and the file: /opt, /opt/lib, /opt/lib/libsockopt.so.
std::vector<std::string> parts_of(const std::string& path) {
  std::vector<std::string> parts;
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    parts.push_back(path.substr(0, slash));
  }
  parts.push_back(path);
  return parts;
}

void check_part(LibraryFile& file, const std::string& part, const struct stat& status,
                const LibraryUser& user) {
  constexpr mode_t kRead = 4;
  constexpr mode_t kPass = 1;
  const bool directory = S_ISDIR(status.st_mode);
  if (file.closed_at.empty() && !may(status, user, directory ? kPass : kRead)) {
    file.closed_at = part;
  }
  // In a sticky directory only the owner of a file can replace it.
  const bool sticky = directory && (status.st_mode & S_ISVTX) != 0;
  const mode_t mode = sticky ? status.st_mode & ~(S_IWGRP | S_IWOTH) : status.st_mode;
  TextOf<256> why;
  if (file.open_at.empty() && !is_trusted(status.st_uid, mode, ::geteuid(), why)) {
    file.open_at = fmt::format("{} {}", part, why.view());
  }
}

// A loader passes over what is for another machine, and takes all else. Nothing is known of a
// program without a machine.
bool is_for(const FileTree& files, const std::string& path, const ElfMachine& machine) {
  const auto elf = read_elf_file(files, path);
  return !elf || machine == ElfMachine{} || elf->machine == machine;
}

}  // namespace

LibraryFile look_at_library(const FileTree& files, const std::string& path,
                            const LibraryUser& user) {
  LibraryFile file{.path = path};
  for (const std::string& part : parts_of(path)) {
    const Result<UniqueFd> opened = files.open_file(part, O_PATH);
    struct stat status = {};
    if (!opened || ::fstat(opened->get(), &status) != 0) {
      file.error = opened ? errno : opened.failure().error;
      return file;
    }
    check_part(file, part, status, user);
  }
  const Result<UniqueFd> opened = files.open_file(path, O_RDONLY | O_NOCTTY | O_NONBLOCK);
  struct stat status = {};
  struct statvfs mount = {};
  if (!opened || ::fstat(opened->get(), &status) != 0) {
    file.error = opened ? errno : opened.failure().error;
    return file;
  }
  file.changed = status.st_ctim.tv_sec;
  if (const auto elf = read_elf_file(opened->get())) file.machine = elf->machine;
  file.on_noexec = ::fstatvfs(opened->get(), &mount) == 0 && (mount.f_flag & ST_NOEXEC) != 0;
  return file;
}

std::string why_not_taken(const LibraryFile& file, const ElfMachine& machine) {
  if (file.error == ENOENT || file.error == ENOTDIR) return "is not there";
  if (file.error != 0) {
    return fmt::format("cannot be opened ({})", std::generic_category().message(file.error));
  }
  if (!file.machine) return "is not a library";
  if (*file.machine != machine) {
    return fmt::format("is built for {}, the program for {}", file.machine->text(), machine.text());
  }
  if (file.on_noexec) return "is on a file system that is mounted noexec";
  if (!file.closed_at.empty()) {
    return fmt::format("is not accessible to the program's user, who may not {} {}",
                       file.closed_at == file.path ? "read" : "enter", file.closed_at);
  }
  return {};
}

std::string find_by_name(const FileTree& files, const std::string& name, const ElfFile& program) {
  const bool musl = program.is_musl();
  std::vector<std::string> usual =
      musl ? std::vector<std::string>{"/lib", "/usr/local/lib", "/usr/lib"}
           : std::vector<std::string>{"/lib64", "/usr/lib64", "/lib", "/usr/lib"};
  // Debian's, of each kind of machine.
  for (const char* base : {"/lib", "/usr/lib"}) {
    for (const std::string& entry : musl ? std::vector<std::string>() : files.list(base)) {
      if (entry.find("-linux-") != std::string::npos) usual.push_back(base + ('/' + entry));
    }
  }
  std::vector<std::string> paths =
      musl ? std::vector<std::string>() : cached_libraries(files, name);
  for (const std::string& directory : usual) paths.push_back(directory + '/' + name);
  const auto taken = std::find_if(paths.begin(), paths.end(), [&](const std::string& path) {
    return files.status(path) && is_for(files, path, program.machine);
  });
  return taken == paths.end() ? std::string() : *taken;
}

}  // namespace sockopt
