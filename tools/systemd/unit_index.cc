// SPDX-License-Identifier: MIT
//
// The rules are those of unit_file_build_name_map, in systemd.
#include "tools/systemd/unit_index.h"

#include <algorithm>
#include <filesystem>

#include "tools/systemd/unit_name.h"

namespace sockopt {
namespace {

// An alias of an alias of ... systemd follows as many.
constexpr int kMostHops = 8;

bool is_unit_directory(const std::string& path) {
  const auto all = unit_directories();
  return std::any_of(all.begin(), all.end(),
                     [&](const std::string& one) { return path.starts_with(one + "/"); });
}

// The name that a link in a directory of units stands for; empty where it is no alias: it leads out
// of those directories (to a file of the unit's own, or to /dev/null, which masks it).
std::string alias_target(const std::string& directory, const std::string& link) {
  const std::filesystem::path target = std::filesystem::path(directory) / link;
  const std::string path = target.lexically_normal();
  return is_unit_directory(path) ? target.filename().string() : std::string();
}

}  // namespace

std::span<const std::string> unit_directories() {
  static const std::vector<std::string> directories = {
      "/etc/systemd/system.control", "/run/systemd/system.control",
      "/run/systemd/transient",      "/run/systemd/generator.early",
      "/etc/systemd/system",         "/etc/systemd/system.attached",
      "/run/systemd/system",         "/run/systemd/system.attached",
      "/run/systemd/generator",      "/usr/local/lib/systemd/system",
      "/usr/lib/systemd/system",     "/lib/systemd/system",
      "/run/systemd/generator.late"};
  return directories;
}

UnitIndex::UnitIndex(const FileTree& files) {
  for (const std::string& directory : unit_directories()) {
    for (const std::string& name : files.list(directory)) {
      if (is_unit_name(name) && !meanings_.contains(name)) add(files, directory, name);
    }
  }
}

void UnitIndex::add(const FileTree& files, const std::string& directory, const std::string& name) {
  std::string meaning = directory + "/" + name;
  if (const Result<std::string> link = files.read_link(meaning)) {
    if (std::string target = alias_target(directory, *link); !target.empty()) {
      if (unit_type(target) != unit_type(name)) return;
      if (is_unit_template(target) && !unit_instance(name).empty()) {
        target = instantiate_unit(target, unit_instance(name));
      }
      // A link to the same name in a directory that comes later: that one will be found.
      if (target == name) return;
      meaning = target;
    }
  }
  meanings_.emplace(name, meaning);
}

UnitIndex::Target UnitIndex::resolve(std::string name) const {
  for (int hops = 0; hops < kMostHops; ++hops) {
    auto found = meanings_.find(name);
    std::string meaning;
    if (found != meanings_.end()) {
      meaning = found->second;
    } else {
      const std::string general = unit_template(name);
      found = general.empty() ? meanings_.end() : meanings_.find(general);
      if (found == meanings_.end()) return {name, ""};
      meaning = found->second;
      if (!meaning.starts_with('/')) meaning = instantiate_unit(meaning, unit_instance(name));
    }
    if (meaning.starts_with('/')) return {name, meaning};
    name = meaning;
  }
  return {name, ""};
}

UnitIndex::Entry UnitIndex::find(const std::string& name) const {
  const Target target = resolve(name);
  Entry entry{target.name, target.path, {}};
  const auto add_alias = [&](const std::string& other) {
    if (other != entry.name && resolve(other).name == entry.name &&
        std::find(entry.aliases.begin(), entry.aliases.end(), other) == entry.aliases.end()) {
      entry.aliases.push_back(other);
    }
  };
  const std::string_view instance = unit_instance(entry.name);
  for (const auto& [other, meaning] : meanings_) {
    add_alias(other);
    if (is_unit_template(other) && !instance.empty()) {
      add_alias(instantiate_unit(other, instance));
    }
  }
  return entry;
}

std::vector<std::string> UnitIndex::names() const {
  std::vector<std::string> names;
  for (const auto& [name, meaning] : meanings_) names.push_back(name);
  return names;
}

}  // namespace sockopt
