// SPDX-License-Identifier: MIT
//
// examine_service_programs: what ExecStart= starts need not be the daemon. It may be a script, a
// command that starts the daemon with another environment, or one that starts a container.
#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "shim/config/environment.h"
#include "shim/text/text.h"
#include "tools/sockopt/diagnosis/examine_service.h"
#include "tools/sockopt/diagnosis/load_problems.h"
#include "tools/sockopt/diagnosis/program.h"
#include "tools/sockopt/launch/executed_files.h"
#include "tools/sockopt/report/shell_command.h"
#include "tools/systemd/environment_file.h"
#include "tools/systemd/service_command.h"
#include "tools/systemd/service_user.h"

namespace sockopt {
namespace {

// What a script looks like that makes a new environment for the program that it starts.
constexpr std::array<std::string_view, 5> kSigns = {"env -i", "env - ", "unset LD_PRELOAD",
                                                    "LD_PRELOAD=", "%ENV ="};
constexpr std::array<std::string_view, 8> kContainers = {
    "docker", "podman", "nerdctl", "runc", "crun", "lxc-start", "lxc-execute", "systemd-nspawn"};

// As systemd looks for a command without a slash.
std::string find_command(const FileTree& files, const std::string& name) {
  if (name.starts_with('/')) return name;
  for (const char* directory : {"/usr/local/sbin/", "/usr/local/bin/", "/usr/sbin/", "/usr/bin/"}) {
    if (files.status(directory + name)) return directory + name;
  }
  return name;
}

class ProgramExamination {
 public:
  ProgramExamination(const ServiceSubject& subject, const ServiceCommand& command)
      : subject_(subject), path_(find_command(subject.files, command.path)) {
    words_.push_back(path_);
    words_.insert(words_.end(), command.words.begin(), command.words.end());
  }

  Findings examine() {
    const std::string_view name = base_name(path_);
    if (name == "pg_ctlcluster") {
      examine_postgres();
    } else if (std::find(kContainers.begin(), kContainers.end(), name) != kContainers.end()) {
      found_.push_back(Finding::error(
          "wrapper",
          fmt::format("{} starts a container, which has its own environment and files", name),
          "put the library and LD_PRELOAD into the container's image or its options"));
    } else {
      append(found_, examine_wrapper(words_));
      examine_files();
    }
    return std::move(found_);
  }

 private:
  // Debian's wrapper of PostgreSQL starts the server with what is in a file of its own, and nothing
  // else: Environment= does not reach it.
  void examine_postgres() {
    const auto cluster = std::find_if(words_.begin() + 1, words_.end(), [](const auto& word) {
      return !word.starts_with('-') && word.find('-') != std::string::npos;
    });
    // `15-main`, or two words: `15 main`.
    const std::string name = cluster == words_.end() ? "VERSION/NAME" : *cluster;
    std::string directory = name;
    if (const std::size_t dash = directory.find('-'); dash != std::string::npos) {
      directory[dash] = '/';
    }
    const std::string path = fmt::format("/etc/postgresql/{}/environment", directory);
    if (const auto text = subject_.files.read(path); text && names_it(*text)) {
      found_.push_back(Finding::ok("wrapper", fmt::format("{} names the library", path)));
      return;
    }
    std::string lines = fmt::format("LD_PRELOAD = '{}'", subject_.library);
    if (const auto* file = subject_.environment.find("SOCKOPT_CONFIG")) {
      lines += fmt::format("\\nSOCKOPT_CONFIG = '{}'", file->value);
    }
    found_.push_back(Finding::error(
        "wrapper",
        fmt::format("pg_ctlcluster starts PostgreSQL with the environment of {}, and no other",
                    path),
        fmt::format("printf \"{}\\n\" >> {}", lines, subject_.files.outside(path))));
  }

  bool names_it(const std::string& text) const {
    for (const EnvironmentFileEntry& entry : parse_environment_file(text)) {
      if (entry.variable.name == "LD_PRELOAD") {
        return names_library(entry.variable.value, subject_.library);
      }
    }
    return false;
  }

  void examine_files() {
    const ExecutedFiles files = follow_scripts(subject_.files, path_, [&](const std::string& name) {
      return find_command(subject_.files, name);
    });
    if (files.binaries.empty() || files.binaries.front() != path_) examine_script();
    for (const std::string& binary : files.binaries) examine_binary(binary);
  }

  void examine_binary(const std::string& path) {
    const auto file = subject_.files.open_file(path, O_RDONLY | O_NOCTTY | O_NONBLOCK);
    if (!file) return;  // installed later, or not to be read by us
    const auto elf = read_elf_file(file->get());
    if (!elf) return;
    const std::string apply = command_text({"sockopt", "apply", "-u", subject_.unit.name});
    for (Finding& one : examine_code(path, *elf, subject_.machine, apply)) {
      if (one.level != Level::kNote) found_.push_back(std::move(one));
    }
    if (find_code_problem(*elf, subject_.machine)) return;
    const auto user = service_user(subject_.files, subject_.unit);
    if (!user) return;
    const Executor executor = {
        .real_user = user->user,
        .user = user->user,
        .real_group = user->group,
        .group = user->group,
        .no_new_privileges = subject_.unit.settings.is_on("Service", "NoNewPrivileges")};
    if (auto rights = find_rights_problem(file->get(), executor)) {
      rights->what = fmt::format("{}: {}", path, rights->what);
      found_.push_back(*std::move(rights));
    }
  }

  void examine_script() {
    const Result<std::string> read = subject_.files.read(path_);
    if (!read) return;
    std::string_view text = *read;
    int number = 0;
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      const std::string_view line = trim(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
      ++number;
      if (line.starts_with('#')) continue;
      const auto sign = std::find_if(kSigns.begin(), kSigns.end(), [&](std::string_view one) {
        return line.find(one) != std::string_view::npos;
      });
      if (sign == kSigns.end()) continue;
      found_.push_back(Finding::warning(
          "wrapper",
          fmt::format("{}:{} seems to change the environment: `{}`", path_, number,
                      line.substr(0, 80)),
          fmt::format("check whether LD_PRELOAD is passed on; if not, set it there")));
      return;
    }
  }

  const ServiceSubject& subject_;
  std::string path_;
  std::vector<std::string> words_;
  Findings found_;
};

}  // namespace

Findings examine_service_programs(const ServiceSubject& subject) {
  Findings found;
  for (const ServiceCommand& command : service_commands(subject.unit.settings, subject.unit.name)) {
    append(found, ProgramExamination(subject, command).examine());
  }
  return found;
}

}  // namespace sockopt
