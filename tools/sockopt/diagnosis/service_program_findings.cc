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
#include "tools/sockopt/diagnosis/from_outside.h"
#include "tools/sockopt/diagnosis/load_problems.h"
#include "tools/sockopt/diagnosis/program.h"
#include "tools/sockopt/diagnosis/start_findings.h"
#include "tools/sockopt/launch/executed_files.h"
#include "tools/sockopt/launch/start_line.h"
#include "tools/sockopt/report/shell_command.h"
#include "tools/sockopt/units/service_start.h"
#include "tools/systemd/environment_file.h"
#include "tools/systemd/service_command.h"
#include "tools/systemd/service_user.h"

namespace sockopt {
namespace {

constexpr std::array<std::string_view, 8> kContainers = {
    "docker", "podman", "nerdctl", "runc", "crun", "lxc-start", "lxc-execute", "systemd-nspawn"};

class ProgramExamination {
 public:
  ProgramExamination(const ServiceSubject& subject, const std::vector<ServiceCommand>& all,
                     const ServiceCommand& command)
      : subject_(subject),
        all_(all),
        command_(command),
        words_(service_command_words(subject.files, command)),
        path_(words_.front()) {}

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
      found_.push_back(Finding::ok(
          "wrapper", fmt::format("{} names the library", subject_.files.outside(path))));
      return;
    }
    std::vector<std::string> words = {fmt::format("LD_PRELOAD = '{}'", subject_.library)};
    if (const auto* file = subject_.environment.find("SOCKOPT_CONFIG")) {
      words.push_back(fmt::format("SOCKOPT_CONFIG = '{}'", file->value));
    }
    found_.push_back(Finding::error(
        "wrapper",
        fmt::format("pg_ctlcluster starts PostgreSQL with the environment of {}, and no other",
                    subject_.files.outside(path)),
        fmt::format("printf '%s\\n' {} >> {}", command_text(words),
                    command_text({subject_.files.outside(path)}))));
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
    std::vector<std::string> variables;
    if (file != nullptr) variables.push_back("SOCKOPT_CONFIG=" + file->value);
    StartLine line =
        follow_service_command(subject_.files, command_, subject_.library, std::move(variables));
    if (line.loss && !line.loss->fixed_line.empty()) {
      line.loss->fix = replacement(command_.line_of(line.loss->fixed_line));
      line.loss->fixed_line.clear();
    }
    Findings lost = examine_start_line(line);
    // Whoever wrote LD_PRELOAD there knows of it; that all else is gone, too, may be news.
    if (line.loss && !line.loss->clears) lost.front().level = Level::kWarning;
    append(found_, std::move(lost));
    examine_files(line.words.empty() ? path_
                                     : find_service_program(subject_.files, line.words.front()));
    for (const std::string& path : {path_, line.words.empty() ? path_ : line.words.front()}) {
      const auto daemon = find_cleaning_service(subject_.files, path, subject_.library,
                                                file == nullptr ? "" : file->value);
      if (!daemon) continue;
      found_.push_back(Finding::warning("wrapper", daemon->what, daemon->fix));
      break;
    }
  }

  // An empty ExecStart= takes all commands away, those that are well among them.
  std::string replacement(const std::string& fixed) const {
    std::string text = "in a drop-in: ExecStart=";
    for (const ServiceCommand& one : all_) {
      text += " and ExecStart=" + (&one == &command_ ? fixed : one.from.text);
    }
    return text;
  }

  void examine_files(const std::string& start) {
    if (start.starts_with('/') && !subject_.files.status(start)) {
      found_.push_back(
          Finding::warning("program", fmt::format("{} does not exist, so nothing is known about it",
                                                  subject_.files.outside(start))));
      return;
    }
    const ExecutedFiles files = follow_service_scripts(subject_.files, start);
    for (const std::string& binary : files.binaries) examine_binary(binary);
    if (files.missing.empty()) return;
    found_.push_back(Finding::warning(
        "program",
        fmt::format("{}: its interpreter {} does not exist", subject_.files.outside(start),
                    subject_.files.outside(files.missing))));
  }

  void examine_binary(const std::string& path) {
    const auto file = subject_.files.open_file(path, O_RDONLY | O_NOCTTY | O_NONBLOCK);
    if (!file) return;  // not to be read by us
    const auto elf = read_elf_file(file->get());
    if (!elf) return;
    const std::string apply = subject_.files.is_host()
                                  ? command_text({"sockopt", "apply", "-u", subject_.unit.name})
                                  : std::string();
    for (Finding& one :
         examine_code(subject_.files.outside(path), *elf, subject_.machines, apply)) {
      if (one.level != Level::kNote) found_.push_back(std::move(one));
    }
    if (find_code_problem(*elf, subject_.machines)) return offer();
    const auto user = service_user(subject_.files, subject_.unit);
    if (!user) return;
    const Executor executor = {
        .real_user = user->user,
        .user = user->user,
        .real_group = user->group,
        .group = user->group,
        .no_new_privileges = subject_.unit.settings.is_on("Service", "NoNewPrivileges")};
    if (auto rights = find_rights_problem(file->get(), executor)) {
      rights->what = fmt::format("{}: {}", subject_.files.outside(path), rights->what);
      found_.push_back(*std::move(rights));
      offer();
    }
  }

  void offer() {
    if (!subject_.files.is_host()) return;
    const std::string command =
        command_text({"sockopt", "enable", "--engine", "bpf", subject_.unit.name});
    if (auto offered = offer_engine("the bpf engine reaches it from outside", command, false)) {
      found_.push_back(*std::move(offered));
    }
  }

  const ServiceSubject& subject_;
  const std::vector<ServiceCommand>& all_;
  const ServiceCommand& command_;
  std::vector<std::string> words_;
  const std::string& path_;
  Findings found_;
};

}  // namespace

Findings examine_service_programs(const ServiceSubject& subject) {
  Findings found;
  const auto all = service_commands(subject.unit.settings, subject.unit.name);
  for (const ServiceCommand& command : all) {
    append(found, ProgramExamination(subject, all, command).examine());
  }
  return found;
}

}  // namespace sockopt
