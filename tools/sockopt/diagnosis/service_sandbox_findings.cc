// SPDX-License-Identifier: MIT
//
// examine_service_sandbox: the loader opens and maps the library, and the library reads its files,
// within the view of the file system that the unit gives to its processes.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "tools/sockopt/diagnosis/examine_service.h"
#include "tools/systemd/service_command.h"
#include "tools/systemd/specifiers.h"
#include "tools/systemd/system_call_filter.h"

namespace sockopt {
namespace {

bool is_below(std::string_view path, std::string_view directory) {
  while (directory.ends_with('/')) directory.remove_suffix(1);
  return path.starts_with(directory) &&
         (path.size() == directory.size() || path[directory.size()] == '/');
}

class Sandbox {
 public:
  explicit Sandbox(const ServiceSubject& subject) : subject_(subject) {}

  Findings examine(const std::vector<std::string>& configurations) {
    check_root();
    if (found_.empty()) {
      check_sight(subject_.library, "the library");
      for (const std::string& path : configurations) check_sight(path, "the configuration");
    }
    check_execution();
    check_calls();
    return std::move(found_);
  }

 private:
  // The paths of a setting such as InaccessiblePaths=, without what may stand in front and behind.
  // Of `SOURCE:DESTINATION:OPTIONS` it is where the processes see it.
  std::vector<std::string> paths(std::string_view key) const {
    const bool has_source = key.starts_with("Bind");
    std::vector<std::string> all;
    for (std::string word : subject_.unit.settings.words("Service", key)) {
      word.erase(0, std::min(word.find_first_not_of("-+"), word.size()));
      std::size_t end = word.find(':');
      if (has_source && end != std::string::npos) {
        word.erase(0, end + 1);
        end = word.find(':');
      }
      const std::string path = word.substr(0, end);
      const std::string expanded = expand_specifiers(path, subject_.unit.name).value_or(path);
      all.push_back(subject_.files.real_path(expanded));
    }
    return all;
  }

  // The longest of the paths that holds the file; empty where none does.
  std::string holder(std::string_view key, const std::string& file) const {
    std::string longest;
    for (const std::string& path : paths(key)) {
      if (is_below(file, path) && path.size() >= longest.size()) longest = path;
    }
    return longest;
  }

  bool is_on(std::string_view key) const { return subject_.unit.settings.is_on("Service", key); }

  void fail(std::string what, std::string fix) {
    found_.push_back(Finding::error("sandbox", std::move(what), std::move(fix)));
  }

  void check_root() {
    const UnitValue image = subject_.unit.settings.last("Service", "RootImage");
    if (!image.text.empty()) {
      fail(fmt::format("RootImage= at {}: its processes see only the files of {}",
                       subject_.files.outside(image.place()), image.text),
           fmt::format("BindReadOnlyPaths={} and the configuration, in a drop-in",
                       subject_.library));
      return;
    }
    const UnitValue root = subject_.unit.settings.last("Service", "RootDirectory");
    const std::string directory =
        expand_specifiers(root.text, subject_.unit.name).value_or(root.text);
    if (directory.empty() || directory == "/") return;
    if (is_bound(subject_.library) || subject_.files.status(directory + subject_.library)) return;
    const std::string outside = subject_.files.outside(directory);
    fail(fmt::format("RootDirectory= at {}: {} is not in {}", subject_.files.outside(root.place()),
                     subject_.library, outside),
         fmt::format("install the library and the configuration in {} as well", outside));
  }

  bool is_bound(const std::string& file) const {
    return !holder("BindPaths", file).empty() || !holder("BindReadOnlyPaths", file).empty();
  }

  // What hides a file from the processes, as a setting; empty: nothing does.
  std::string hidden_by(const std::string& file) const {
    const std::string home = subject_.unit.settings.last("Service", "ProtectHome").text;
    const bool hides_home = is_on("ProtectHome") || home == "tmpfs";
    for (const char* directory : {"/home", "/root", "/run/user"}) {
      if (hides_home && is_below(file, directory)) return "ProtectHome=" + home;
    }
    for (const char* directory : {"/tmp", "/var/tmp"}) {
      if (!is_below(file, directory)) continue;
      if (is_on("PrivateTmp")) return "PrivateTmp=yes";
      if (is_on("DynamicUser")) return "DynamicUser=yes";
    }
    for (const char* key :
         {"InaccessiblePaths", "InaccessibleDirectories", "TemporaryFileSystem"}) {
      if (const std::string path = holder(key, file); !path.empty()) {
        return fmt::format("{}={}", key, path);
      }
    }
    return {};
  }

  void check_sight(const std::string& path, std::string_view what) {
    const std::string file = subject_.files.real_path(path);
    const std::string setting = is_bound(file) ? std::string() : hidden_by(file);
    if (setting.empty()) return;
    const bool is_library = path == subject_.library;
    const FileTree& files = subject_.files;
    fail(fmt::format("{} hides {} {}", setting, what, files.outside(path)),
         is_library ? "install it into " + files.outside("/usr/lib")
                    : "put it into " + files.outside("/etc"));
  }

  // The deeper path wins; of the same, what is allowed.
  void check_execution() {
    const std::string file = subject_.files.real_path(subject_.library);
    const std::string forbidden = holder("NoExecPaths", file);
    if (forbidden.empty() || holder("ExecPaths", file).size() >= forbidden.size()) return;
    fail(fmt::format("{} is outside the unit's ExecPaths=, and NoExecPaths={} keeps the loader "
                     "from mapping it",
                     subject_.files.outside(subject_.library), forbidden),
         fmt::format("install it into {}, or add ExecPaths={} in a drop-in",
                     subject_.files.outside("/usr/lib"), subject_.library));
  }

  void check_calls() {
    switch (socket_option_calls(subject_.unit.settings)) {
      case CallVerdict::kAllowed:
        return;
      case CallVerdict::kRefused:
        fail("SystemCallFilter= refuses setsockopt or getsockopt: no option can be set", kAddCalls);
        return;
      case CallVerdict::kKilled:
        fail(
            "SystemCallFilter= lacks setsockopt or getsockopt: the first option set would kill the "
            "program",
            kAddCalls);
        found_.back().ends_program = true;
        return;
    }
  }

  static constexpr char kAddCalls[] = "SystemCallFilter=setsockopt getsockopt, in a drop-in";

  const ServiceSubject& subject_;
  Findings found_;
};

}  // namespace

Findings examine_service_sandbox(const ServiceSubject& subject,
                                 const std::vector<std::string>& configurations) {
  const auto commands = service_commands(subject.unit.settings, subject.unit.name);
  const bool unconfined =
      !commands.empty() && std::all_of(commands.begin(), commands.end(),
                                       [](const auto& command) { return command.unconfined; });
  if (unconfined) return {};
  return Sandbox(subject).examine(configurations);
}

}  // namespace sockopt
