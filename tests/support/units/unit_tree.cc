// SPDX-License-Identifier: MIT
#include "tests/support/units/unit_tree.h"

#include <algorithm>
#include <filesystem>
#include <stdexcept>

namespace sockopt::test {

namespace fs = std::filesystem;

void UnitTree::write(const std::string& path, std::string_view text) {
  fs::create_directories(fs::path(root() + path).parent_path());
  directory_.write(path.substr(1), text);
}

void UnitTree::link(const std::string& path, const std::string& target) {
  fs::create_directories(fs::path(root() + path).parent_path());
  fs::create_symlink(target, root() + path);
}

FileTree UnitTree::files() const {
  Result<FileTree> files = FileTree::open(root());
  if (!files) throw std::runtime_error(files.failure().text());
  return std::move(*files);
}

SystemdUnit UnitTree::load(const std::string& name, const ImaginedDropIn& imagined) const {
  const FileTree tree = files();
  return load_unit(tree, UnitIndex(tree), name, imagined);
}

std::vector<std::string> UnitTree::environment(const std::string& name) const {
  std::vector<std::string> lines;
  for (const AssignedVariable& one : environment_of(load(name).settings)) {
    lines.push_back(one.variable.name + "=" + one.variable.value);
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

}  // namespace sockopt::test
