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
#include "tools/sockopt/diagnosis/cleaning_daemons.h"
#include "tools/sockopt/diagnosis/examine_service.h"
#include "tools/sockopt/diagnosis/load_problems.h"
#include "tools/sockopt/diagnosis/program.h"
#include "tools/sockopt/diagnosis/start_findings.h"
#include "tools/sockopt/launch/executed_files.h"
#include "tools/sockopt/launch/start_line.h"
#include "tools/sockopt/report/shell_command.h"
#include "tools/systemd/environment_file.h"
#include "tools/systemd/service_command.h"
#include "tools/systemd/service_user.h"
#include "tools/systemd/unit_words.h"

namespace sockopt {
namespace {

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
      examine_start();
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

  // Whatever starts whatever, up to the daemon.
  void examine_start() {
    const auto* file = subject_.environment.find("SOCKOPT_CONFIG");
    StartPlace place = {subject_.files, [&](const std::string& name) { return existing(name); },
                        subject_.library};
    if (file != nullptr) place.variables.push_back("SOCKOPT_CONFIG=" + file->value);
    StartLine line = follow_start_line(words_, place);
    if (line.loss && !line.loss->mended.empty()) {
      line.loss->fix = "in a drop-in: ExecStart= and ExecStart=" + unit_line(line.loss->mended);
      line.loss->mended.clear();
    }
    Findings lost = examine_start_line(line);
    // Whoever wrote LD_PRELOAD there knows of it; that all else is gone, too, may be news.
    if (line.loss && !line.loss->clears) lost.front().level = Level::kWarning;
    append(found_, std::move(lost));
    examine_files(line.words.empty() ? path_ : find_command(subject_.files, line.words.front()));
    for (const std::string& path : {path_, line.words.empty() ? path_ : line.words.front()}) {
      const auto daemon = find_cleaning_service(subject_.files, path, subject_.library,
                                                file == nullptr ? "" : file->value);
      if (!daemon) continue;
      found_.push_back(Finding::warning("wrapper", daemon->what, daemon->fix));
      break;
    }
  }

  std::string existing(const std::string& name) const {
    const std::string path = find_command(subject_.files, name);
    // In an image, what is to run there may be installed later.
    return path.starts_with('/') ? path : "/usr/bin/" + path;
  }

  static std::string unit_line(const std::vector<std::string>& words) {
    std::string line;
    for (const std::string& word : words) {
      line += line.empty() ? "" : " ";
      line += unit_word_text(word);
    }
    return line;
  }

  void examine_files(const std::string& start) {
    const ExecutedFiles files = follow_scripts(subject_.files, start, [&](const std::string& name) {
      return find_command(subject_.files, name);
    });
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
