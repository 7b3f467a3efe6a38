// SPDX-License-Identifier: MIT
//
// What the documents show of the command's output is what it prints: each session in them is run
// again.  A configuration is the INI block before the session; a process id is that of a server.
#include <gtest/gtest.h>
#include <unistd.h>

#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "tests/documentation/text.h"
#include "tests/support/paths.h"
#include "tests/support/process.h"
#include "tests/support/temporary_directory.h"

namespace sockopt::test {
namespace {

// A command of a document, and what it printed.
struct Sample {
  std::string configuration;
  std::string command;
  std::string output;
  std::string place;
};

// The samples of one block.  A command that ends in a backslash goes on in the next line.
void take_session(const Block& block, const std::string& configuration,
                  std::vector<Sample>& samples) {
  std::istringstream lines(block.text);
  bool goes_on = false;
  Sample* sample = nullptr;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("$ ")) {
      samples.push_back({configuration, line.substr(2), "", block.place});
      sample = &samples.back();
    } else if (goes_on) {
      sample->command.pop_back();
      sample->command += line;
    } else if (sample != nullptr) {
      sample->output += line + '\n';
    }
    goes_on = sample != nullptr && sample->output.empty() && line.ends_with('\\');
  }
}

std::vector<Sample> samples_of(const std::string& path) {
  std::vector<Sample> samples;
  std::string configuration;
  for (const Block& block : blocks_of(path)) {
    if (block.text.starts_with('[') || block.text.starts_with('#')) configuration = block.text;
    if (block.text.starts_with("$ ")) take_session(block, configuration, samples);
  }
  return samples;
}

// Columns are as wide as what stands in them, and pages are narrow.
std::string without_layout(const std::string& text) {
  return std::regex_replace(text, std::regex("\\s+"), " ");
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size()) {
    text.replace(at, what.size(), with);
  }
  return text;
}

// A network of its own has the kernel's own sysctls.
std::vector<std::string> in_a_network(const std::vector<std::string>& argv) {
  std::vector<std::string> inside = {"unshare", "--net"};
  if (::geteuid() != 0) inside.insert(inside.end(), {"--user", "--map-root-user"});
  inside.insert(inside.end(), argv.begin(), argv.end());
  return inside;
}

class Session : public testing::Test {
 protected:
  void SetUp() override {
    if (!run({.argv = in_a_network({"true"})}).success()) {
      GTEST_SKIP() << "no network namespace can be made here";
    }
  }

  // Runs it as a shell would, with the command of this build, on a terminal as wide as a page.
  std::string printed(const Sample& sample) {
    std::smatch file;
    if (std::regex_search(sample.command, file, std::regex(R"(\b[a-z]+\.ini\b)"))) {
      directory_.write(file[0].str(), sample.configuration);
    }
    const std::string command = "stty columns 80 rows 25; export NO_COLOR=1 TERM=xterm; PATH='" +
                                build_directory().string() + "':$PATH; " +
                                replaced(sample.command, "sudo ", "");
    const Finished finished = run({.argv = in_a_network({"script", "-qec", command, "/dev/null"}),
                                   .directory = directory_.path()});
    return finished.output;
  }

  TemporaryDirectory directory_;
};

// Sockets have other numbers each time.
std::string without_numbers(const std::string& text) {
  return std::regex_replace(text, std::regex("--socket [0-9a-f,-]+"), "--socket N");
}

// What cannot be broken: a command to be copied.
bool is_command(const std::string& line) {
  return line.starts_with("Fix: ") || line.starts_with("Look first: ") ||
         line.starts_with("Undo: ") || line.starts_with("$ ");
}

class Samples : public Session, public testing::WithParamInterface<std::string> {};

TEST_P(Samples, AreWhatTheCommandPrints) {
  int number = 0;
  for (const Sample& sample : samples_of(GetParam())) {
    if (!std::regex_search(sample.command, std::regex("^sockopt (check|explain|run) ")) ||
        sample.output.empty()) {
      continue;
    }
    ++number;
    EXPECT_EQ(without_layout(printed(sample)), without_layout(sample.output))
        << sample.place << ": " << sample.command;
  }
  EXPECT_GT(number, 0);
}

// As far as that goes without the services that it names: nothing is changed.
TEST_F(Session, EveryCommandOfTheGuidesIsUnderstood) {
  int number = 0;
  std::vector<Sample> samples = samples_of("man/sockopt-guide.7");
  for (Sample& sample : samples_of("man/sockopt-containers.7"))
    samples.push_back(std::move(sample));
  for (const Sample& sample : samples) {
    std::string command = replaced(sample.command, "sudo ", "");
    ASSERT_TRUE(command.starts_with("sockopt ")) << sample.place;
    // What would be started, and whether it is reached.
    command = std::regex_replace(command, std::regex("^sockopt run --"), "sockopt doctor --");
    if (command.find("--dry-run") == std::string::npos) {
      command = std::regex_replace(command, std::regex("^sockopt (enable|apply|attach)(?! --list)"),
                                   "$& --dry-run");
    }
    const Finished finished =
        run({.argv = in_a_network({"sh", "-c", build_directory().string() + "/" + command})});
    ASSERT_TRUE(finished.exit.has_value()) << command;
    EXPECT_NE(finished.exit->status, 2) << sample.place << ": " << command << '\n'
                                        << finished.error;
    ++number;
  }
  EXPECT_GE(number, 15);
}

TEST_P(Samples, AreNoWiderThanATerminal) {
  for (const Sample& sample : samples_of(GetParam())) {
    std::istringstream lines(sample.command + '\n' + sample.output);
    for (std::string line; std::getline(lines, line);) {
      if (is_command(line) || sample.command.starts_with("kill ")) continue;
      EXPECT_LE(line.size(), 80U) << sample.place << ": " << line;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Of, Samples, testing::Values("README.md", "man/sockopt.1"),
                         [](const auto& path) {
                           return std::regex_replace(path.param, std::regex("\\W"), "_");
                         });

// Those that name a process, in the order of the document: what `apply` changed stays changed.
TEST_F(Session, WithARunningProcessIsWhatTheCommandPrints) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root, to read the sockets of a process";
  Process server({.argv = in_a_network({"/usr/bin/python3", "-u", "-m", "http.server", "--bind",
                                        "0.0.0.0", "8000"})});
  ASSERT_TRUE(
      eventually(kPatience, [&] { return server.output().find("8000") != std::string::npos; }));
  const std::string pid = std::to_string(server.pid());
  const std::regex whole_pid("\\b" + pid + "\\b");  // 800 is not in port 8000
  int number = 0;
  for (Sample sample : samples_of("README.md")) {
    std::smatch shown;
    if (!std::regex_search(sample.command, shown, std::regex("sockopt .* (\\d{4,})$"))) continue;
    ++number;
    const std::string shown_pid = shown[1];
    sample.command = replaced(sample.command, shown_pid, pid);
    EXPECT_EQ(
        without_numbers(without_layout(std::regex_replace(printed(sample), whole_pid, shown_pid))),
        without_numbers(without_layout(sample.output)))
        << sample.place << ": " << sample.command;
  }
  EXPECT_GT(number, 1);
}

}  // namespace
}  // namespace sockopt::test
