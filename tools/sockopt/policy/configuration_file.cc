// SPDX-License-Identifier: MIT
#include "tools/sockopt/policy/configuration_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "shim/config/directory.h"
#include "shim/config/environment.h"
#include "shim/config/file.h"
#include "tools/inspect/unique_fd.h"
#include "tools/sockopt/report/output.h"
#include "tools/sockopt/report/shell_command.h"

namespace sockopt {
namespace {

// In the words of all verbs, where others have some.
std::string reason() {
  return errno == ENOENT ? "there is no such file" : std::generic_category().message(errno);
}

// In the library's words. Of what is not a regular file it only looks at the mode.
std::string refusal_of_irregular(const std::string& path) {
  FileContent content;
  TextOf<256> why;
  content.read(path.c_str(), ::geteuid(), why);
  return fmt::format("not read: it {}", why.view());
}

}  // namespace

std::variant<ConfigurationFile, std::string> read_configuration_file(const std::string& path,
                                                                     Reading reading) {
  struct stat status = {};
  const bool in_force = reading == Reading::kInForce;
  if (in_force && ::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    return refusal_of_irregular(path);
  }
  const int without_waiting = in_force ? O_NONBLOCK : 0;
  const bool is_input = !in_force && path == "-";
  const UniqueFd file(
      is_input ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
               : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | without_waiting));
  if (!file || ::fstat(file.get(), &status) != 0) return reason();
  ConfigurationFile read;
  char piece[65536];
  for (;;) {
    const ssize_t size = ::read(file.get(), piece, sizeof piece);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return reason();
    if (size == 0) break;
    read.text.append(piece, static_cast<std::size_t>(size));
    if (read.text.size() > kMaxConfigurationBytes) return "larger than 1 MiB";
  }
  // Of a pipe there is nothing to say: it is how an editor hands its text over.
  TextOf<256> refusal;
  if (!is_input && S_ISREG(status.st_mode) &&
      !is_trusted(status.st_uid, status.st_mode, ::geteuid(), refusal)) {
    read.refusal = refusal.view();
  }
  return read;
}

std::string check_command(const std::string& named) {
  std::vector<std::string> words = {"sockopt", "check"};
  if (!named.empty()) words.push_back(named);
  return command_text(words);
}

std::vector<std::string> configuration_in_force(std::string& fault) {
  const std::string_view named = get_variable(environ, "SOCKOPT_CONFIG");
  if (!named.empty() && named.front() != '/') {
    fault =
        fmt::format("SOCKOPT_CONFIG={}: takes an absolute path; the library reads no file", named);
    return {};
  }
  if (!named.empty()) return {std::string(named)};

  std::vector<std::string> paths;
  if (::access(SOCKOPT_DEFAULT_CONFIG, F_OK) == 0) paths.emplace_back(SOCKOPT_DEFAULT_CONFIG);
  DirectoryNames names;
  TextOf<128> error;
  const std::size_t count = names.read(SOCKOPT_DEFAULT_DIRECTORY, error);
  if (!error.empty()) {
    fault = fmt::format("{}: {}", SOCKOPT_DEFAULT_DIRECTORY, error.view());
    return {};
  }
  for (std::size_t i = 0; i < count; ++i) {
    paths.push_back(fmt::format("{}/{}", SOCKOPT_DEFAULT_DIRECTORY, names.name(i)));
  }
  return paths;
}

}  // namespace sockopt
