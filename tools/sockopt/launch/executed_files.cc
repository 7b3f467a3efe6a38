// SPDX-License-Identifier: MIT
//
#include "tools/sockopt/launch/executed_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstdlib>
#include <string_view>

#include "shim/text/text.h"

namespace sockopt {
namespace {

// The kernel gives up after five interpreters; `env` may add as many again.
constexpr int kMostInterpreters = 10;
// As much of a `#!` line as the kernel looks at.
constexpr std::size_t kLongestScriptLine = 256;

bool is_executable_file(const std::string& path) {
  struct stat status = {};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
         ::access(path.c_str(), X_OK) == 0;
}

std::string search_path() {
  if (const char* path = std::getenv("PATH")) return path;
  std::array<char, PATH_MAX> usual{};
  ::confstr(_CS_PATH, usual.data(), usual.size());
  return usual.data();
}

// The program that `env` will start: its first word that is neither an option nor a variable.
std::string started_by_env(const std::vector<std::string>& line) {
  for (std::size_t i = 1; i < line.size(); ++i) {
    if (!line[i].starts_with('-') && line[i].find('=') == std::string::npos) return line[i];
  }
  return {};
}

}  // namespace

std::string find_in_path(const std::string& name) {
  if (name.find('/') != std::string::npos) return is_executable_file(name) ? name : std::string();
  if (name.empty()) return {};
  const std::string path = search_path();
  std::string_view rest = path;
  for (;;) {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    // An empty entry is the current directory.
    std::string file(end == 0 ? "." : rest.substr(0, end));
    file.append("/").append(name);
    if (is_executable_file(file)) return file;
    if (end == rest.size()) return {};
    rest.remove_prefix(end + 1);
  }
}

std::vector<std::string> script_line(const FileTree& files, const std::string& path) {
  const auto file = files.open_file(path, O_RDONLY | O_NOCTTY | O_NONBLOCK);
  std::array<char, kLongestScriptLine> buffer{};
  const ssize_t size = file ? ::read(file->get(), buffer.data(), buffer.size()) : -1;
  if (size < 2) return {};
  std::string_view line(buffer.data(), static_cast<std::size_t>(size));
  if (!line.starts_with("#!")) return {};
  line = slice(line, 2, line.find('\n') - 2);
  std::vector<std::string> words;
  while (!(line = trim(line)).empty()) {
    const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
    words.emplace_back(line.substr(0, end));
    line.remove_prefix(end);
  }
  return words;
}

std::unique_ptr<ProcessProgram> name_program(const FileTree& files,
                                             const std::vector<std::string>& words,
                                             const ExecutedFiles& executed) {
  auto named = std::make_unique<ProcessProgram>();
  named->executed = executed.path.empty() ? words.front() : executed.path;
  const bool is_script = !executed.binaries.empty() && executed.binaries.back() != executed.path;
  const std::string last = is_script ? executed.binaries.back() : named->executed;
  std::string arguments;
  // The kernel hands the script's path on behind the interpreter's.
  if (is_script) arguments.append(last).append(1, '\0').append(executed.path).append(1, '\0');
  for (std::size_t i = is_script ? 1 : 0; i < words.size(); ++i) {
    arguments.append(words[i]).append(1, '\0');
  }
  const bool exists = !executed.path.empty();
  named->program.set(exists ? files.real_path(last) : last, named->executed, arguments);
  return named;
}

std::unique_ptr<ProcessProgram> name_program(const std::string& name) {
  return name_program(FileTree::host(), {name}, find_executed_files(name));
}

ExecutedFiles find_executed_files(const std::string& name) {
  return follow_scripts(FileTree::host(), find_in_path(name), find_in_path);
}

ExecutedFiles follow_scripts(const FileTree& files, const std::string& path,
                             const ProgramSearch& search) {
  ExecutedFiles found;
  found.path = path;
  std::string file = path;
  for (int depth = 0; depth < kMostInterpreters && !file.empty(); ++depth) {
    const std::vector<std::string> line = script_line(files, file);
    if (line.empty()) {
      found.binaries.push_back(file);
      break;
    }
    file = line.front();
    if (!files.status(file)) {
      found.missing = file;
      break;
    }
    if (base_name(file) == "env") {
      // A script of a version manager may have `env` start another script that has it too.
      if (found.binaries.empty() || found.binaries.back() != file) found.binaries.push_back(file);
      const std::string started = started_by_env(line);
      file = search(started);
      if (file.empty()) found.missing = started;
    }
  }
  return found;
}

}  // namespace sockopt
