// SPDX-License-Identifier: MIT
#include "tests/enable/service_tree.h"

#include <algorithm>
#include <filesystem>

#include "tests/support/paths.h"
#include "tools/sockopt/diagnosis/library_file.h"
#include "tools/systemd/service_environment.h"

namespace sockopt::test {

namespace fs = std::filesystem;

ServiceTree::ServiceTree() {
  write(kConfiguration, "[sockopt]\nkeepalive = on\n");
  fs::create_directories(root() + "/etc");
  fs::create_directories(fs::path(root() + kLibrary).parent_path());
  fs::copy_file(library(), root() + kLibrary);
}

void ServiceTree::service(const std::string& name, const std::string& lines) {
  if (!exists("/usr/sbin/daemon")) write("/usr/sbin/daemon", "");
  write("/usr/lib/systemd/system/" + name,
        "[Unit]\nDescription=a daemon\n[Service]\n" +
            (lines.find("ExecStart=") == std::string::npos ? "ExecStart=/usr/sbin/daemon\n"
                                                           : std::string()) +
            lines);
}

void ServiceTree::install_command() const {
  const auto copy = [&](const std::string& from, const std::string& to) {
    std::filesystem::create_directories(std::filesystem::path(root() + to).parent_path());
    std::filesystem::copy_file(from, root() + to,
                               std::filesystem::copy_options::overwrite_existing);
  };
  copy(command_path(), "/usr/bin/sockopt");
  const auto elf = read_elf_file(command_path());
  ASSERT_TRUE(elf);
  copy(elf->loader, elf->loader);
  for (const std::string& name : elf->needed) {
    copy(find_by_name(FileTree::host(), name, *elf), "/lib/" + name);
  }
}

Finished ServiceTree::enable(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"enable", "--root", root()});
  return sockopt(std::move(arguments));
}

Finished ServiceTree::disable(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"disable", "--root", root()});
  return sockopt(std::move(arguments));
}

std::string ServiceTree::drop_in(const std::string& unit) {
  return "/etc/systemd/system/" + unit + ".d/zz-sockopt.conf";
}

std::string ServiceTree::read(const std::string& path) const { return read_file(root() + path); }

bool ServiceTree::exists(const std::string& path) const { return fs::exists(root() + path); }

std::string ServiceTree::preload(const std::string& unit) const {
  const FileTree tree = files();
  const ServiceEnvironment environment(tree, load(unit));
  const ServiceVariable* variable = environment.find("LD_PRELOAD");
  return variable == nullptr ? "" : variable->value;
}

std::string ServiceTree::all_of_etc() const {
  std::vector<std::string> lines;
  for (const auto& entry : fs::recursive_directory_iterator(root() + "/etc")) {
    lines.push_back(entry.path().native() +
                    (entry.is_regular_file() ? "\n" + read_file(entry.path()) : ""));
  }
  std::sort(lines.begin(), lines.end());
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

testing::AssertionResult ends_with_status(const Finished& finished, int expected) {
  if (status(finished) == expected) return testing::AssertionSuccess();
  return testing::AssertionFailure()
         << "exit status " << status(finished) << " and not " << expected << "\n"
         << finished.output << finished.error;
}

}  // namespace sockopt::test
