// SPDX-License-Identifier: MIT
//
// To add a daemon: a row of kDaemons. In a fix, `{0}` is LD_PRELOAD=... and SOCKOPT_CONFIG=...,
// and `{3}` the root of an image.
#include "tools/sockopt/diagnosis/cleaning_daemons.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "shim/policy/glob.h"
#include "shim/text/text.h"
#include "tools/sockopt/report/shell_command.h"

namespace sockopt {
namespace {

struct DaemonRow {
  std::string_view path;  ///< a glob on the whole path
  std::string_view what;
  std::string_view fix;
  std::string_view file;  ///< its configuration; empty: it only makes sessions
};

constexpr std::string_view kPostfix =
    "Postfix starts its daemons with the variables of import_environment, and no others";
constexpr std::string_view kPostfixFix =
    "postconf {4}-e \"import_environment=$(postconf {4}-h import_environment) {0}\"";
constexpr std::string_view kPostfixFile = "/etc/postfix/main.cf";
constexpr std::string_view kCron =
    "cron starts its jobs with the variables of their crontab, and no others";
constexpr std::string_view kCronFix = "write `LD_PRELOAD={1}` at the top of the crontab";
constexpr std::string_view kSession = "starts sessions with the environment that PAM makes";
constexpr std::string_view kSessionFix =
    "start the program with `sockopt run`, or write `LD_PRELOAD={1}` into {3}/etc/environment, "
    "which is for every session";
constexpr std::string_view kCommand = "starts its program with a fresh environment";
constexpr std::string_view kCommandFix = "write `/usr/bin/env {0}` in front of the program there";

constexpr DaemonRow kDaemons[] = {
    {"*/postfix", kPostfix, kPostfixFix, kPostfixFile},
    {"*/postmulti", kPostfix, kPostfixFix, kPostfixFile},
    {"*/postfix/*master", kPostfix, kPostfixFix, kPostfixFile},
    {"*/dovecot",
     "Dovecot starts its services with the variables of import_environment, and no others",
     "write `import_environment = $import_environment {0}` into {3}/etc/dovecot/dovecot.conf",
     "/etc/dovecot/dovecot.conf"},
    {"*/nginx",
     "nginx hands only the variables of its `env` directives on when its binary is upgraded (USR2)",
     "write `env LD_PRELOAD;{2}` at the top of {3}/etc/nginx/nginx.conf", "/etc/nginx/nginx.conf"},
    {"*/cron", kCron, kCronFix, "/etc/crontab"},
    {"*/crond", kCron, kCronFix, "/etc/crontab"},
    {"*/monit", "monit starts programs with PATH and little else",
     "in its `start program`, write `/usr/bin/env {0}` in front of the program",
     "/etc/monit/monitrc"},
    {"*/sshd*", kSession, kSessionFix, ""},
    {"*/login", kSession, kSessionFix, ""},
    {"*/sudo", kCommand, kCommandFix, ""},
    {"*/doas", kCommand, kCommandFix, ""},
    {"*/pkexec", kCommand, kCommandFix, ""},
};

const DaemonRow* find_row(std::string_view path) {
  for (const DaemonRow& row : kDaemons) {
    if (glob_matches(row.path, path)) return &row;
  }
  return nullptr;
}

CleaningDaemon fill(const DaemonRow& row, std::string_view path, const std::string& library,
                    const std::string& configuration, const FileTree& files) {
  const std::string postfix =
      files.is_host() ? "" : "-c " + command_text({files.outside("/etc/postfix")}) + " ";
  std::string variables = "LD_PRELOAD=" + library;
  std::string directives;
  if (!configuration.empty()) {
    variables += " SOCKOPT_CONFIG=" + configuration;
    directives = " env SOCKOPT_CONFIG;";
  }
  const bool is_sentence = row.what != kSession && row.what != kCommand;
  return {is_sentence ? std::string(row.what) : fmt::format("{} {}", base_name(path), row.what),
          fmt::format(fmt::runtime(row.fix), variables, library, directives, files.outside(""),
                      postfix),
          !row.file.empty() && base_name(path) != "nginx"};
}

// Outside of comments.
bool mentions_preload(const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.substr(0, line.find('#')).find("LD_PRELOAD") != std::string::npos) return true;
  }
  return false;
}

}  // namespace

std::optional<CleaningDaemon> find_cleaning_daemon(std::string_view path,
                                                   const std::string& library,
                                                   const std::string& configuration) {
  const DaemonRow* row = find_row(path);
  if (row == nullptr) return std::nullopt;
  return fill(*row, path, library, configuration, FileTree::host());
}

std::optional<CleaningDaemon> find_cleaning_service(const FileTree& files, std::string_view path,
                                                    const std::string& library,
                                                    const std::string& configuration) {
  const DaemonRow* row = find_row(path);
  if (row == nullptr || row->file.empty()) return std::nullopt;
  const Result<std::string> text = files.read(std::string(row->file));
  if (text && mentions_preload(*text)) return std::nullopt;
  return fill(*row, path, library, configuration, files);
}

}  // namespace sockopt
