// SPDX-License-Identifier: MIT
//
// examine_service_user: systemd gives up root before it starts the program, so that the library and
// the configuration are opened by the service's own user.
#include <fmt/format.h>
#include <strings.h>

#include <algorithm>

#include "tools/sockopt/diagnosis/examine_service.h"
#include "tools/sockopt/diagnosis/library_file.h"
#include "tools/sockopt/diagnosis/wanted.h"
#include "tools/sockopt/report/shell_command.h"
#include "tools/systemd/service_user.h"

namespace sockopt {
namespace {

// Whether a process of this user will have CAP_NET_ADMIN in its effective set.
bool has_net_admin(const UnitSettings& settings, const ServiceUser& user) {
  const auto names = [&](std::string_view key) { return settings.words("Service", key); };
  const auto lists = [](const std::vector<std::string>& words) {
    return std::any_of(words.begin(), words.end(), [](std::string word) {
      word.erase(0, word.starts_with('~') ? 1 : 0);
      return ::strcasecmp(word.c_str(), "CAP_NET_ADMIN") == 0;
    });
  };
  const auto bounding = names("CapabilityBoundingSet");
  const bool is_set = !settings.last("Service", "CapabilityBoundingSet").path.empty();
  const bool inverted = !bounding.empty() && bounding.front().starts_with('~');
  const bool within = !is_set || lists(bounding) != inverted;
  return within && (user.user == 0 || lists(names("AmbientCapabilities")));
}

void check_file(const ServiceSubject& subject, const std::string& path, std::string_view what,
                const ServiceUser& user, Findings& found) {
  const LibraryFile file = look_at_library(subject.files, path, {user.user, user.groups});
  if (file.closed_at.empty()) return;
  const bool itself = file.closed_at == path;
  found.push_back(Finding::error(
      "user",
      fmt::format("{} {} is not accessible to User={}, who may not {} {}", what,
                  subject.files.outside(path), user.name, itself ? "read" : "enter",
                  subject.files.outside(file.closed_at)),
      command_text({"chmod", itself ? "o+r" : "o+x", subject.files.outside(file.closed_at)})));
}

}  // namespace

Findings examine_service_user(const ServiceSubject& subject, const ServicePolicy& policy) {
  const auto user = service_user(subject.files, subject.unit);
  Findings found;
  if (const std::string missing = missing_account(subject.files, subject.unit); !missing.empty()) {
    found.push_back(Finding::warning(
        "user",
        fmt::format("{} does not exist{}: without it systemd does not start the service", missing,
                    subject.files.is_host() ? "" : " in " + subject.files.outside(""))));
  }
  if (!user) return found;
  check_file(subject, subject.library, "the library", *user, found);
  for (const std::string& path : policy.files()) {
    check_file(subject, path, "the configuration", *user, found);
  }
  if (has_net_admin(subject.unit.settings, *user)) return found;
  for (const Wanted& wanted : wanted_settings(policy.policy(), nullptr)) {
    if (wanted.option->privilege != Privilege::kNetAdmin) continue;
    found.push_back(
        Finding::warning("privilege",
                         fmt::format("{} ({}) needs CAP_NET_ADMIN, which the unit does not grant",
                                     wanted.option->key.view(), wanted.origin),
                         "AmbientCapabilities=CAP_NET_ADMIN in a drop-in, and in "
                         "CapabilityBoundingSet= if that is set"));
  }
  return found;
}

}  // namespace sockopt
