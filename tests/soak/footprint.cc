// SPDX-License-Identifier: MIT
#include "tests/soak/footprint.h"

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>
#include <system_error>

#include "tests/support/temporary_directory.h"
#include "tools/inspect/process_tree.h"

namespace sockopt::test {
namespace {

int entries(const std::filesystem::path& directory) {
  std::error_code gone;
  int count = 0;
  for (std::filesystem::directory_iterator at(directory, gone), end; !gone && at != end;
       at.increment(gone)) {
    ++count;
  }
  return count;
}

// `Anonymous:   123 kB` of smaps_rollup.
std::int64_t kilobytes(const std::string& text, const std::string& name) {
  const std::size_t at = text.find("\n" + name + ":");
  return at == std::string::npos ? 0 : std::stoll(text.substr(at + name.size() + 2));
}

}  // namespace

Footprint footprint(pid_t root) {
  std::vector<pid_t> pids{root};
  for (const ProcessEntry& process : descendants(root)) {
    if (!process.ended) pids.push_back(process.pid);
  }
  Footprint sum;
  for (const pid_t pid : pids) {
    const std::filesystem::path process = "/proc/" + std::to_string(pid);
    const std::string maps = read_file(process / "maps");
    ++sum.processes;
    sum.threads += entries(process / "task");
    sum.descriptors += entries(process / "fd");
    sum.mappings += static_cast<int>(std::count(maps.begin(), maps.end(), '\n'));
    sum.resident += kilobytes(read_file(process / "smaps_rollup"), "Anonymous");
  }
  return sum;
}

std::ostream& operator<<(std::ostream& out, const Footprint& footprint) {
  return out << footprint.processes << " processes, " << footprint.threads << " threads, "
             << footprint.descriptors << " descriptors, " << footprint.mappings << " mappings, "
             << footprint.resident << " kB";
}

}  // namespace sockopt::test
