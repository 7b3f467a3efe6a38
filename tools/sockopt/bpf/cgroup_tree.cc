// SPDX-License-Identifier: MIT
#include "tools/sockopt/bpf/cgroup_tree.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <system_error>

#include "shim/text/text.h"
#include "tools/inspect/read_small_file.h"
#include "tools/inspect/unique_fd.h"

namespace sockopt {
namespace {

// The kernel writes a space in a path as \040.
std::string unescape_mount_point(std::string_view text) {
  std::string path;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto is_octal = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '7'; };
    if (text[i] == '\\' && i + 3 < text.size() && is_octal(i + 1) && is_octal(i + 2) &&
        is_octal(i + 3)) {
      path += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 +
                                (text[i + 3] - '0'));
      i += 3;
    } else {
      path += text[i];
    }
  }
  return path;
}

// One that is removed meanwhile has nothing below it, and does not keep others from being visited.
template <typename Visit>
void each_cgroup(const std::filesystem::path& top, const Visit& visit) {
  visit(top);
  std::error_code gone;
  for (std::filesystem::directory_iterator it(top, gone), end; !gone && it != end;
       it.increment(gone)) {
    std::error_code error;
    if (it->is_directory(error) && !it->is_symlink(error)) each_cgroup(it->path(), visit);
  }
}

std::string without_end_slash(std::string path) {
  if (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

// What the paths of /proc/PID/cgroup begin at: in a container, that is its own cgroup, and not
// where the host's tree is mounted in it.
std::string root_of_paths(const std::string& mount) {
  constexpr std::string_view kInitialNamespace = "cgroup:[4026531835]";
  const Result<std::string> space = read_link(AT_FDCWD, "/proc/self/ns/cgroup");
  if (!space || *space == kInitialNamespace) return mount;
  const Result<std::string> text = read_small_file(AT_FDCWD, "/proc/self/cgroup");
  const std::string own = text ? cgroup_path(*text).value_or("/") : "/";
  std::string root = mount;
  each_cgroup(mount, [&](const std::filesystem::path& path) {
    const Result<std::string> processes = read_small_file(AT_FDCWD, path / "cgroup.procs");
    for (std::string_view rest = processes ? *processes : std::string_view(); !rest.empty();) {
      if (take_line(rest) != std::to_string(::getpid())) continue;
      const std::string directory = path.native() + "/";
      const std::string below = own == "/" ? own : own + "/";
      if (directory.ends_with(below)) {
        root = directory.substr(0, directory.size() - below.size());
      }
    }
  });
  return root;
}

}  // namespace

std::optional<std::string> cgroup_mount(std::string_view mountinfo) {
  while (!mountinfo.empty()) {
    const std::string_view line = take_line(mountinfo);
    const std::size_t dash = line.find(" - cgroup2 ");
    if (dash == line.npos) continue;
    std::string_view rest = line.substr(0, dash);
    for (int field = 0; field < 4; ++field) {
      const std::size_t space = rest.find(' ');
      if (space == rest.npos) break;
      rest.remove_prefix(space + 1);
    }
    return unescape_mount_point(rest.substr(0, rest.find(' ')));
  }
  return {};
}

std::optional<std::string> cgroup_mount() {
  const Result<std::string> text = read_small_file(AT_FDCWD, "/proc/self/mountinfo");
  return text ? cgroup_mount(*text) : std::nullopt;
}

std::optional<std::string> cgroup_path(std::string_view text) {
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (line.starts_with("0::/")) return std::string(line.substr(3));
  }
  return {};
}

std::vector<std::string> cgroups_of_unit(const std::string& mount, const std::string& unit) {
  std::vector<std::string> found;
  each_cgroup(mount, [&](const std::filesystem::path& path) {
    // systemd puts `_` before names that the kernel's own files could have.
    const std::string name = path.filename();
    if (name == unit || name == "_" + unit) found.push_back(path);
  });
  std::sort(found.begin(), found.end());
  return found;
}

std::uint64_t cgroup_id(const std::string& directory) {
  struct statfs system = {};
  struct stat status = {};
  if (::statfs(directory.c_str(), &system) != 0 || system.f_type != CGROUP2_SUPER_MAGIC) return 0;
  return ::stat(directory.c_str(), &status) == 0 && S_ISDIR(status.st_mode) ? status.st_ino : 0;
}

bool is_removed_cgroup(const std::string& mount, std::uint64_t id) {
  constexpr int kKernfsById = 0xfe;
  const UniqueFd tree(::open(mount.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!tree) return false;
  alignas(file_handle) unsigned char bytes[sizeof(file_handle) + sizeof id] = {};
  auto* const handle = reinterpret_cast<file_handle*>(bytes);
  handle->handle_bytes = sizeof id;
  handle->handle_type = kKernfsById;
  std::memcpy(handle->f_handle, &id, sizeof id);
  const UniqueFd opened(::open_by_handle_at(tree.get(), handle, O_PATH | O_CLOEXEC));
  return !opened && errno == ESTALE;
}

bool is_within(std::string_view directory, std::string_view other) {
  return directory.starts_with(other) &&
         (directory.size() == other.size() || directory[other.size()] == '/');
}

std::uint32_t cgroup_level(const std::string& mount, const std::string& directory) {
  const std::filesystem::path below = std::filesystem::path(directory).lexically_relative(mount);
  return below == "." ? 0 : static_cast<std::uint32_t>(std::distance(below.begin(), below.end()));
}

std::string cgroup_directory(const std::string& mount, std::string_view text) {
  const std::optional<std::string> path = cgroup_path(text);
  if (!path) return {};
  static const std::string root = root_of_paths(mount);
  return without_end_slash(std::filesystem::path(root + *path).lexically_normal());
}

std::vector<pid_t> processes_in(const std::string& directory,
                                const std::vector<std::string>& others) {
  std::vector<pid_t> found;
  each_cgroup(directory, [&](const std::filesystem::path& path) {
    const bool is_other = std::any_of(others.begin(), others.end(), [&](const std::string& other) {
      return is_within(path.native(), other);
    });
    if (is_other) return;
    const Result<std::string> text = read_small_file(AT_FDCWD, path / "cgroup.procs");
    for (std::string_view rest = text ? *text : std::string_view(); !rest.empty();) {
      const std::string_view line = take_line(rest);
      pid_t pid = 0;  // stays where it is of another pid namespace
      std::from_chars(line.data(), line.data() + line.size(), pid);
      found.push_back(pid);
    }
  });
  return found;
}

}  // namespace sockopt
