// SPDX-License-Identifier: MIT
#include "tools/sockopt/units/subject.h"

#include <filesystem>
#include <system_error>
#include <vector>

#include "tools/sockopt/launch/library.h"
#include "tools/sockopt/report/shell_command.h"

namespace sockopt {
namespace {

bool is_file(const FileTree& files, const std::string& path) {
  const auto status = files.status(path);
  return status && S_ISREG(status->st_mode);
}

}  // namespace

std::string enable_command(const FileTree& files, const std::vector<std::string>& units) {
  std::vector<std::string> words = {"sockopt", "enable"};
  if (!files.is_host()) words.insert(words.end(), {"--root", files.outside("")});
  words.insert(words.end(), units.begin(), units.end());
  return command_text(words);
}

std::string find_library_in(const FileTree& files) {
  if (files.is_host()) return find_library();
  std::vector<std::string> directories = {SOCKOPT_FULL_LIBDIR, "/usr/local/lib", "/usr/lib64",
                                          "/usr/lib"};
  // Debian's directory for each kind of machine: /usr/lib/x86_64-linux-gnu.
  for (const char* base : {"/usr/local/lib", "/usr/lib"}) {
    for (const std::string& name : files.list(base)) {
      if (name.find("-linux-") != std::string::npos) {
        directories.push_back(std::string(base) + "/" + name);
      }
    }
  }
  for (const std::string& directory : directories) {
    std::string path = directory + "/libsockopt.so";
    if (is_file(files, path)) return path;
  }
  return {};
}

std::string find_command_in(const FileTree& files) {
  if (files.is_host()) {
    std::error_code unreadable;
    return std::filesystem::read_symlink("/proc/self/exe", unreadable).native();
  }
  for (const char* path :
       {SOCKOPT_FULL_BINDIR "/sockopt", "/usr/local/bin/sockopt", "/usr/bin/sockopt"}) {
    if (is_file(files, path)) return path;
  }
  return {};
}

}  // namespace sockopt
