// SPDX-License-Identifier: MIT
//
// All that `sockopt check` says, to the letter: golden/NAME.ini holds a file, golden/NAME.expected
// the output. What the command asks of the host stands in the file's first lines, as comments:
// `; net.core.somaxconn = 4096`. It is set in a network namespace that the test makes for itself.
#include <algorithm>
#include <fstream>
#include <sstream>

#include "tests/support/paths.h"
#include "tests/support/sockopt_command.h"

namespace sockopt::test {
namespace {

std::filesystem::path golden() { return source_directory() / "tests/command/golden"; }

std::vector<std::string> golden_names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(golden())) {
    if (entry.path().extension() == ".ini") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// What every file is read with, unless it says otherwise.
constexpr char kHost[] =
    "net.core.somaxconn = 4096\n"
    "net.ipv4.tcp_fastopen = 1\n"
    "net.ipv4.tcp_keepalive_time = 7200\n"
    "net.ipv4.tcp_keepalive_intvl = 75\n"
    "net.ipv4.tcp_keepalive_probes = 9\n";

std::string host_of(const std::string& text) {
  std::string settings = kHost;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line) && line.starts_with("; net.");) {
    settings += line.substr(2) + "\n";
  }
  return settings;
}

// Runs the rest of its arguments on a host with these sysctls.
std::vector<std::string> on_host(const std::string& settings) {
  return {"unshare",
          "--net",
          "sh",
          "-c",
          "printf '%s' \"$1\" | while read -r name is value; do\n"
          "  echo \"$value\" >\"/proc/sys/$(echo \"$name\" | tr . /)\" || exit 99\n"
          "done || exit 99\n"
          "shift; exec \"$@\"",
          "sh",
          settings};
}

Finished run_on_host(const std::string& settings, const std::vector<std::string>& argv) {
  Command started = command({});
  started.argv = on_host(settings);
  started.argv.insert(started.argv.end(), argv.begin(), argv.end());
  started.directory = golden();
  return run(started);
}

class GoldenCheck : public testing::TestWithParam<std::string> {};

TEST_P(GoldenCheck, SaysAllThisAndNothingElse) {
  if (!run_on_host(kHost, {"true"}).success()) {
    GTEST_SKIP() << "no network namespace with sysctls of its own can be made here";
  }
  const std::string name = GetParam() + ".ini";
  const std::string text = read_file(golden() / name);
  const Finished finished = run_on_host(host_of(text), {command_path(), "check", name});
  EXPECT_EQ(finished.output, read_file(golden() / (GetParam() + ".expected")));
  EXPECT_EQ(finished.error, "");
  EXPECT_EQ(status(finished), contains(finished.output, ": error: ") ? 1 : 0);
}

INSTANTIATE_TEST_SUITE_P(Check, GoldenCheck, testing::ValuesIn(golden_names()),
                         [](const auto& name) { return name.param; });

TEST(GoldenCheckFiles, AreAllThere) {
  EXPECT_GE(golden_names().size(), 15U);
  for (const std::string& name : golden_names()) {
    EXPECT_FALSE(read_file(golden() / (name + ".expected")).empty()) << name;
  }
}

}  // namespace
}  // namespace sockopt::test
