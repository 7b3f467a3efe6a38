// SPDX-License-Identifier: MIT
#include "tools/systemd/unit.h"

#include <cerrno>
#include <map>

#include "tools/systemd/unit_name.h"

namespace sockopt {
namespace {

constexpr std::string_view kInitScripts = "/etc/init.d/";

// Of such a script systemd makes a unit at boot, where there is none of that name.
std::string init_script(const FileTree& files, const std::string& name) {
  if (unit_type(name) != "service" || name.find('@') != std::string::npos) return {};
  std::string path(kInitScripts);
  path += name.substr(0, name.rfind('.'));
  const auto status = files.status(path);
  return status && S_ISREG(status->st_mode) && (status->st_mode & S_IXUSR) != 0 ? path : "";
}

// File names in the order in which they are read, each with the path that won.
using DropIns = std::map<std::string, std::string>;

void add_drop_ins(const FileTree& files, const std::string& directory,
                  const ImaginedDropIn& imagined, DropIns& found) {
  const auto add = [&](const std::string& name) {
    const std::string path = directory + "/" + name;
    // The first directory wins, also with an empty file or a link to /dev/null.
    if (path != imagined.path || imagined.text) found.emplace(name, path);
  };
  for (const std::string& name : files.list(directory)) {
    if (name.ends_with(".conf") && !name.starts_with('.')) add(name);
  }
  if (imagined.path.starts_with(directory + "/")) add(imagined.path.substr(directory.size() + 1));
}

DropIns find_drop_ins(const FileTree& files, const SystemdUnit& unit,
                      const ImaginedDropIn& imagined) {
  DropIns found;
  std::vector<std::string> all = {unit.name};
  all.insert(all.end(), unit.aliases.begin(), unit.aliases.end());
  for (const std::string& one : all) {
    for (const std::string& directory : unit_directories()) {
      for (const std::string& name : drop_in_names(one)) {
        add_drop_ins(files, directory + "/" + name + ".d", imagined, found);
      }
    }
  }
  for (const std::string& directory : unit_directories()) {
    add_drop_ins(files, directory + "/" + std::string(unit_type(unit.name)) + ".d", imagined,
                 found);
  }
  return found;
}

// Adds a drop-in; one that vanished meanwhile, or is a dangling link, is none.
bool read_into(const FileTree& files, const std::string& path, UnitSettings& settings,
               std::vector<std::string>& faults) {
  const Result<std::string> text = files.read(path);
  if (text) {
    settings.add(path, parse_unit_file(*text));
  } else if (text.failure().error != ENOENT) {
    faults.push_back(text.failure().text());
  }
  return bool{text};
}

}  // namespace

SystemdUnit load_unit(const FileTree& files, const UnitIndex& index, const std::string& name,
                      const ImaginedDropIn& imagined) {
  UnitIndex::Entry entry = index.find(name);
  SystemdUnit unit;
  unit.name = std::move(entry.name);
  unit.aliases = std::move(entry.aliases);
  unit.path = std::move(entry.path);
  if (unit.path.empty()) unit.path = init_script(files, unit.name);
  if (unit.path.empty()) return unit;

  const bool generated = unit.path.starts_with(kInitScripts);
  const Result<std::string> text =
      generated ? "[Service]\nExecStart=" + unit.path + " start\n" : files.read(unit.path);
  if (!text) {
    unit.state = text.failure().error == ENOENT ? SystemdUnit::State::kMissing
                                                : SystemdUnit::State::kUnreadable;
    unit.faults.push_back(text.failure().text());
    return unit;
  }
  // /dev/null reads as an empty file, and either masks the unit.
  unit.state = text->empty() ? SystemdUnit::State::kMasked : SystemdUnit::State::kLoaded;
  unit.settings.add(unit.path, parse_unit_file(*text));
  for (const auto& [file, path] : find_drop_ins(files, unit, imagined)) {
    if (path == imagined.path) {
      unit.settings.add(path, parse_unit_file(*imagined.text));
    } else if (!read_into(files, path, unit.settings, unit.faults)) {
      continue;
    }
    unit.drop_ins.push_back(path);
  }
  return unit;
}

UnitSettings load_manager_settings(const FileTree& files) {
  UnitSettings settings;
  std::vector<std::string> faults;
  for (const char* path : {"/etc/systemd/system.conf", "/run/systemd/system.conf",
                           "/usr/local/lib/systemd/system.conf", "/usr/lib/systemd/system.conf"}) {
    if (read_into(files, path, settings, faults)) break;
  }
  DropIns found;
  for (const char* directory : {"/etc/systemd/system.conf.d", "/run/systemd/system.conf.d",
                                "/usr/local/lib/systemd/system.conf.d",
                                "/usr/lib/systemd/system.conf.d", "/lib/systemd/system.conf.d"}) {
    add_drop_ins(files, directory, {}, found);
  }
  for (const auto& [file, path] : found) read_into(files, path, settings, faults);
  return settings;
}

}  // namespace sockopt
