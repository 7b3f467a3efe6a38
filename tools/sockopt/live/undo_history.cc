// SPDX-License-Identifier: MIT
#include "tools/sockopt/live/undo_history.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <system_error>

#include "tools/inspect/read_small_file.h"
#include "tools/inspect/unique_fd.h"
#include "tools/sockopt/live/applied_values.h"
#include "tools/sockopt/live/history_file.h"
#include "tools/sockopt/live/undo.h"
#include "tools/sockopt/report/exit_status.h"
#include "tools/sockopt/report/shell_command.h"
#include "tools/sockopt/report/time_text.h"

namespace sockopt {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

constexpr off_t kMuch = off_t{1} << 20;  // then it begins anew, and the old one is kept beside it

// As it was typed, as far as the kernel still has it.
std::vector<std::string> own_command_line() {
  std::vector<std::string> words;
  const Result<std::string> text = read_small_file(AT_FDCWD, "/proc/self/cmdline");
  std::istringstream rest(text ? *text : std::string());
  for (std::string word; std::getline(rest, word, '\0');) words.push_back(std::move(word));
  if (!words.empty()) words.front() = "sockopt";
  return words;
}

std::string reason() { return std::generic_category().message(errno); }

// Empty, or why not. A link, or a file of somebody else, is not ours to write.
std::string append_line(const std::string& path, const std::string& line) {
  std::error_code error;
  fs::create_directories(fs::path(path).parent_path(), error);
  if (error) return error.message();
  constexpr int kFlags = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
  UniqueFd file(::open(path.c_str(), kFlags, 0600));
  struct stat status = {};
  if (!file || ::fstat(file.get(), &status) != 0) return reason();
  if (!S_ISREG(status.st_mode) || status.st_uid != ::geteuid()) return "it is not our file";
  if (status.st_size > kMuch) {
    if (::rename(path.c_str(), (path + ".old").c_str()) != 0) return reason();
    file = UniqueFd(::open(path.c_str(), kFlags, 0600));
    if (!file) return reason();
  }
  const auto size = static_cast<ssize_t>(line.size());
  return ::write(file.get(), line.data(), line.size()) == size ? std::string() : reason();
}

// Those lines that can be understood; others are not ours.
std::vector<Json> read_entries(std::string_view text) {
  std::vector<Json> entries;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    Json entry = Json::parse(line, nullptr, false);
    const bool sound = entry.is_object() && entry.contains("time") && entry["time"].is_number() &&
                       entry.contains("command") && entry["command"].is_array() &&
                       entry.contains("changed") && entry["changed"].is_number() &&
                       entry.contains("undo") && entry["undo"].is_array();
    if (sound) entries.push_back(std::move(entry));
  }
  return entries;
}

std::string text_of(const Json& words) {
  std::vector<std::string> plain;
  for (const Json& word : words) {
    if (word.is_string()) plain.push_back(word.get<std::string>());
  }
  return command_text(plain);
}

}  // namespace

void remember_changes(const ChangeLog& log) {
  if (log.changed() + log.in_part() == 0) return;
  const std::string path = history_path();
  if (path.empty()) return;
  const Json entry = {{"time", std::time(nullptr)},
                      {"command", own_command_line()},
                      {"changed", log.changed() + log.in_part()},
                      {"failed", log.failed()},
                      {"undo", undo_commands(log)},
                      {"boot", boot_id()},
                      {"set", applied_json(log)}};
  // Bytes of any kind may have been typed.
  const std::string line =
      entry.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace) + '\n';
  const std::string why = append_line(path, line);
  if (!why.empty()) warn(path, fmt::format("the undo is not in the history: {}", why));
}

int print_history(Output& out, bool json) {
  const std::string path = history_path();
  std::string text;
  for (const std::string& file : {path + ".old", path}) {
    const Result<std::string> read = read_small_file(AT_FDCWD, file);
    if (read) {
      text += *read;
    } else if (read.failure().error != ENOENT) {
      complain(file, read.failure().text());
      return kUsage;
    }
  }
  const std::vector<Json> entries = read_entries(text);
  if (json) {
    out.write(Json{{"schema", "sockopt.history/1"},
                   {"host", host_name()},
                   {"file", printable(path)},
                   {"applied", entries}}
                  .dump(2) +
              '\n');
    return kDone;
  }
  for (const Json& entry : entries) {
    const auto changed = static_cast<std::size_t>(entry["changed"].get<std::int64_t>());
    out.print("{}  {} changed  {}\n", time_text(entry["time"].get<std::time_t>()),
              counted(changed, "socket"), text_of(entry["command"]));
    for (const Json& words : entry["undo"]) out.print("  Undo: {}\n", text_of(words));
  }
  if (entries.empty()) {
    out.print("nothing was applied, as far as {} tells\n", printable(path));
  } else {
    out.print("Kept in {}.\n", printable(path));
  }
  return kDone;
}

}  // namespace sockopt
