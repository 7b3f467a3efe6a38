// SPDX-License-Identifier: MIT
#include "tests/support/units/systemd_dump.h"

#include <unistd.h>

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "tests/support/process.h"

namespace sockopt::test {
namespace {

constexpr char kSystemd[] = "/lib/systemd/systemd";
constexpr char kRuntimeDirectory[] = "/run/systemd";

// systemd as nobody: as root it declines to play.
Command systemd(std::vector<std::string> arguments) {
  Command command;
  command.argv = std::move(arguments);
  command.argv.insert(command.argv.begin(), kSystemd);
  if (geteuid() == 0 && access(kRuntimeDirectory, F_OK) != 0) {
    // Of a system that was not booted, it gets one of its own.
    const std::string script =
        std::string("mount -t tmpfs none /run && mkdir ") + kRuntimeDirectory +
        " && exec setpriv --reuid nobody --regid nogroup --clear-groups \"$@\"";
    const std::vector<std::string> before = {"unshare", "--mount", "sh", "-c", script, "sh"};
    command.argv.insert(command.argv.begin(), before.begin(), before.end());
  } else {
    command.user = "nobody";
  }
  return command;
}

// A target that pulls the units in; and those that every service stands behind.
void add_targets(UnitTree& tree, const std::vector<std::string>& units) {
  const std::string directory = "/usr/lib/systemd/system/";
  const std::string bare = "[Unit]\nDescription=needed\nDefaultDependencies=no\n";
  for (const char* name : {"sysinit.target", "basic.target", "shutdown.target", "network.target",
                           "multi-user.target"}) {
    tree.write(directory + name, bare);
  }
  std::string text = bare;
  for (const std::string& unit : units) text += "Wants=" + unit + "\n";
  tree.write(directory + "asked.target", text);
}

void replace_all(std::string& text, const std::string& what, const std::string& by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
}

}  // namespace

std::vector<std::string> SystemdDump::sorted(const std::string& property) const {
  const auto found = properties.find(property);
  if (found == properties.end()) return {};
  std::vector<std::string> values = found->second;
  std::sort(values.begin(), values.end());
  return values;
}

std::string no_systemd() {
  if (access(kSystemd, X_OK) != 0) return std::string("no ") + kSystemd + " here";
  const Finished tried = run(systemd({"--version"}));
  if (!tried.success()) return "systemd cannot be asked: " + tried.error;
  return {};
}

std::map<std::string, SystemdDump> ask_systemd(UnitTree& tree,
                                               const std::vector<std::string>& units) {
  add_targets(tree, units);
  Command command = systemd({"--test", "--system", "--unit=asked.target"});
  std::string& path = command.environment["SYSTEMD_UNIT_PATH"];
  for (const std::string& directory : unit_directories()) {
    path += (path.empty() ? "" : ":") + tree.root() + directory;
  }
  const Finished finished = run(command);
  if (!finished.success()) throw std::runtime_error("systemd --test: " + finished.error);

  std::string output = finished.output;
  replace_all(output, tree.root() + "/", "/");
  std::map<std::string, SystemdDump> dumps;
  SystemdDump* current = nullptr;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    constexpr std::string_view kUnit = " Unit ";
    const std::size_t begin = std::min(line.find_first_not_of('\t'), line.size());
    const std::string_view rest = std::string_view(line).substr(begin);
    // Behind an arrow, which is drawn by one character or by two.
    const std::size_t unit = rest.find(kUnit);
    if (unit <= std::string_view("\u2192").size() && rest.ends_with(':')) {
      const std::size_t at = unit + kUnit.size();
      const std::string name(rest.substr(at, rest.size() - at - 1));
      const bool asked = std::find(units.begin(), units.end(), name) != units.end();
      current = asked ? &dumps[name] : nullptr;
      if (current != nullptr) current->messages = finished.error;
    } else if (current != nullptr && rest.find(": ") != std::string_view::npos) {
      const std::size_t colon = rest.find(": ");
      current->properties[std::string(rest.substr(0, colon))].emplace_back(rest.substr(colon + 2));
    }
  }
  return dumps;
}

}  // namespace sockopt::test
