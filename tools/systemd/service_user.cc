// SPDX-License-Identifier: MIT
#include "tools/systemd/service_user.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <system_error>
#include <utility>

#include "tools/systemd/service_command.h"
#include "tools/systemd/specifiers.h"
#include "tools/systemd/unit_words.h"

namespace sockopt {
namespace {

// The first of those that systemd gives to DynamicUser=: nobody's files are theirs.
constexpr unsigned kDynamicUser = 61184;

std::optional<unsigned> number(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

using Fields = std::vector<std::string_view>;

Fields split(std::string_view text, char separator) {
  Fields fields;
  for (;;) {
    const std::size_t end = std::min(text.find(separator), text.size());
    fields.push_back(text.substr(0, end));
    if (end == text.size()) return fields;
    text.remove_prefix(end + 1);
  }
}

// /etc/passwd or /etc/group: name, password, number, ...
class AccountFile {
 public:
  AccountFile(const FileTree& files, const std::string& path) {
    if (Result<std::string> text = files.read(path)) text_ = std::move(*text);
    for (const std::string_view line : split(text_, '\n')) {
      Fields fields = split(line, ':');
      if (fields.size() >= 4 && number(fields[2])) entries_.push_back(std::move(fields));
    }
  }
  AccountFile(const AccountFile&) = delete;
  AccountFile& operator=(const AccountFile&) = delete;

  // By name or number.
  const Fields* find(std::string_view account) const {
    const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Fields& fields) {
      return fields[0] == account || fields[2] == account;
    });
    return found == entries_.end() ? nullptr : &*found;
  }
  std::optional<unsigned> id(std::string_view account) const {
    const Fields* fields = find(account);
    return fields == nullptr ? number(account) : number((*fields)[2]);
  }
  const std::vector<Fields>& entries() const { return entries_; }

 private:
  std::string text_;
  std::vector<Fields> entries_;
};

std::string setting_of(const SystemdUnit& unit, const char* key) {
  const std::string text = unit.settings.last("Service", key).text;
  return expand_specifiers(text, unit.name).value_or(text);
}

// `u redis - "a server"`: of whichever kind, the second word is the name, which is a group's too.
bool is_made_at_boot(const FileTree& files, const std::string& name) {
  for (const char* directory : {"/etc/sysusers.d/", "/run/sysusers.d/", "/usr/lib/sysusers.d/"}) {
    for (const std::string& file : files.list(directory)) {
      const Result<std::string> text = files.read(directory + file);
      if (!text) continue;
      for (const std::string_view line : split(*text, '\n')) {
        const std::vector<std::string> words = split_unit_words(line);
        const bool makes = words.size() > 1 && !words[0].starts_with('#') && words[0][0] != 'r';
        if (makes && words[1] == name) return true;
      }
    }
  }
  return false;
}

}  // namespace

std::string missing_account(const FileTree& files, const SystemdUnit& unit) {
  if (unit.settings.is_on("Service", "DynamicUser")) return {};
  for (const auto& [key, path] : {std::pair("User", "/etc/passwd"), {"Group", "/etc/group"}}) {
    const std::string name = setting_of(unit, key);
    if (name.empty() || AccountFile(files, path).id(name)) continue;
    if (!is_made_at_boot(files, name)) return std::string(key) + "=" + name;
  }
  return {};
}

namespace {

// `+` and `!` keep User= from a command; `!!` only where the kernel cannot do it otherwise.
bool keeps_root(const ServiceCommand& command) {
  return command.unconfined || (command.prefixes.find('!') != std::string::npos &&
                                command.prefixes.find("!!") == std::string::npos);
}

}  // namespace

std::optional<ServiceUser> service_user(const FileTree& files, const SystemdUnit& unit) {
  const auto setting = [&](const char* key) { return setting_of(unit, key); };
  ServiceUser user;
  const auto commands = service_commands(unit.settings, unit.name);
  if (!commands.empty() && std::all_of(commands.begin(), commands.end(), keeps_root)) {
    user.groups = {user.group};
    return user;
  }
  const AccountFile users(files, "/etc/passwd");
  const AccountFile groups(files, "/etc/group");
  if (const std::string name = setting("User"); !name.empty()) {
    user.name = name;
    const Fields* entry = users.find(name);
    const auto id = users.id(name);
    const bool dynamic = unit.settings.is_on("Service", "DynamicUser");
    if (!id && !dynamic) return std::nullopt;
    user.user = id.value_or(kDynamicUser);
    const unsigned same = user.user;
    user.group = entry == nullptr ? same : number((*entry)[3]).value_or(same);
  } else if (unit.settings.is_on("Service", "DynamicUser")) {
    user = {.name = "a user of its own", .user = kDynamicUser, .group = kDynamicUser, .groups = {}};
  }
  if (const std::string name = setting("Group"); !name.empty()) {
    const auto id = groups.id(name);
    if (!id) return std::nullopt;
    user.group = *id;
  }
  user.groups = {user.group};
  for (const std::string& name : unit.settings.words("Service", "SupplementaryGroups")) {
    if (const auto id = groups.id(name)) user.groups.push_back(*id);
  }
  for (const Fields& fields : groups.entries()) {
    const Fields members = split(fields[3], ',');
    if (std::find(members.begin(), members.end(), user.name) != members.end()) {
      user.groups.push_back(number(fields[2]).value_or(user.group));
    }
  }
  return user;
}

}  // namespace sockopt
