// SPDX-License-Identifier: MIT
//
// examine_service_confinement: an AppArmor profile lists every file that its program may open. One
// that was written before knows neither the library nor the configuration; the loader, or the
// library, then runs the program without them.
#include <fmt/format.h>

#include <algorithm>

#include "tools/sockopt/diagnosis/examine_service.h"
#include "tools/systemd/service_command.h"

namespace sockopt {
namespace {

constexpr char kProfiles[] = "/etc/apparmor.d/";

// An image says nothing of the kernel that it will run on.
bool may_be_active(const FileTree& files) {
  if (!files.is_host()) return true;
  const Result<std::string> enabled = files.read("/sys/module/apparmor/parameters/enabled");
  return enabled && enabled->starts_with('Y');
}

// The name of the file that a profile for this program is in, as all distributions have it.
std::string profile_name(std::string path) {
  path.erase(0, path.starts_with('/') ? 1 : 0);
  std::replace(path.begin(), path.end(), '/', '.');
  return path;
}

struct Profile {
  std::string name;
  std::string text;  ///< without comments
};

// One that confines something: not a file of comments, not one that is switched off.
std::optional<Profile> read_profile(const FileTree& files, const std::string& name) {
  if (name.empty() || files.status(fmt::format("{}disable/{}", kProfiles, name))) {
    return std::nullopt;
  }
  const Result<std::string> whole = files.read(kProfiles + name);
  if (!whole) return std::nullopt;
  Profile profile{name, {}};
  const std::string local = fmt::format("{}local/{}", kProfiles, name);
  const std::string all = *whole + "\n" + (files.status(local) ? *files.read(local) : "");
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t end = std::min(all.find('\n', at), all.size());
    const std::string line = all.substr(at, end - at);
    const std::size_t begin = line.find_first_not_of(" \t");
    if (begin != std::string::npos && line[begin] != '#') profile.text += line + "\n";
    at = end + 1;
  }
  const bool confines = profile.text.find('{') != std::string::npos &&
                        profile.text.find("complain") == std::string::npos;
  return confines ? std::optional(profile) : std::nullopt;
}

std::optional<Profile> find_profile(const ServiceSubject& subject) {
  std::string named = subject.unit.settings.last("Service", "AppArmorProfile").text;
  named.erase(0, named.starts_with('-') ? 1 : 0);
  if (auto profile = read_profile(subject.files, named)) return profile;
  for (const auto& command : service_commands(subject.unit.settings, subject.unit.name)) {
    const std::string path = subject.files.real_path(command.path);
    if (auto profile = read_profile(subject.files, profile_name(path))) return profile;
  }
  return std::nullopt;
}

}  // namespace

Findings examine_service_confinement(const ServiceSubject& subject,
                                     const std::vector<std::string>& configurations) {
  if (!may_be_active(subject.files)) return {};
  const auto profile = find_profile(subject);
  if (!profile || profile->text.find("sockopt") != std::string::npos) return {};
  const std::string profiles = subject.files.outside(kProfiles);
  std::string lines = fmt::format("{} mr,", subject.library);
  for (const std::string& path : configurations) lines += fmt::format(" {} r,", path);
  return {Finding::warning(
      "apparmor",
      fmt::format("the AppArmor profile {}{} does not name the library or its configuration",
                  profiles, profile->name),
      fmt::format("add `{}` to {}local/{}{}", lines, profiles, profile->name,
                  subject.files.is_host() ? ", and reload it with apparmor_parser -r" : ""))};
}

}  // namespace sockopt
