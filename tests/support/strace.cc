// SPDX-License-Identifier: MIT
#include "tests/support/strace.h"

#include <sstream>

namespace sockopt::test {

Command under_strace(Command command, const std::filesystem::path& trace,
                     const std::vector<std::string>& options) {
  std::vector<std::string> argv = {"strace", "-f", "-qq", "-e", "signal=none", "-o", trace};
  argv.insert(argv.end(), options.begin(), options.end());
  for (const auto& [name, value] : command.environment) {
    argv.insert(argv.end(), {"-E", name + "=" + value});
  }
  argv.insert(argv.end(), command.argv.begin(), command.argv.end());
  command.argv = std::move(argv);
  command.environment = plain_environment();
  return command;
}

std::vector<std::string> traced_calls(const std::filesystem::path& trace) {
  std::vector<std::string> calls;
  std::istringstream stream(read_file(trace));
  for (std::string line; std::getline(stream, line);) {
    if (const auto at = line.find_first_not_of(" 0123456789"); at != line.npos) {
      calls.push_back(line.substr(at));
    }
  }
  return calls;
}

std::vector<std::string> between_marks(const std::vector<std::string>& calls) {
  std::vector<std::string> between;
  bool marked = false;
  bool inside = false;
  for (const std::string& call : calls) {
    if (call.starts_with("getsockopt(-1, ")) {
      marked = true;
      inside = !inside;
    } else if (inside) {
      between.push_back(call);
    }
  }
  return marked ? between : calls;
}

}  // namespace sockopt::test
