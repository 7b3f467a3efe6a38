// SPDX-License-Identifier: MIT
#include "tests/bounds/stretches.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <regex>
#include <sstream>
#include <stdexcept>

#include "tests/support/process.h"
#include "tests/support/strace.h"

namespace sockopt::test {
namespace {

constexpr int kMark = SIGURG;
constexpr int kNotTraceable = 126;
constexpr char kMarkCall[] = ", SIGURG)";
constexpr long kMostInstructions = 4'000'000;

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (std::string& string : strings) result.push_back(string.data());
  result.push_back(nullptr);
  return result;
}

// A program stopped before its first instruction, and ended with the object.
class Stepped {
 public:
  Stepped(std::vector<std::string> argv, const Environment& environment) {
    std::vector<std::string> variables;
    for (const auto& [name, value] : environment) variables.push_back(name + '=' + value);
    const std::vector<char*> arguments = pointers(argv);
    const std::vector<char*> entries = pointers(variables);
    pid_ = fork();
    if (pid_ == 0) {
      if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) _exit(kNotTraceable);
      execve(arguments[0], arguments.data(), entries.data());
      _exit(127);
    }
    stopped_ = pid_ > 0 && waitpid(pid_, &status_, 0) == pid_ && WIFSTOPPED(status_);
  }
  ~Stepped() {
    if (pid_ <= 0 || WIFEXITED(status_) || WIFSIGNALED(status_)) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  Stepped(const Stepped&) = delete;
  Stepped& operator=(const Stepped&) = delete;

  bool is_traceable() const {
    return pid_ > 0 && !(WIFEXITED(status_) && WEXITSTATUS(status_) == kNotTraceable);
  }

  void run_to_mark() { resume_to_mark(PTRACE_CONT); }

  // How many instructions there are to the next mark.
  long step_to_mark() { return resume_to_mark(PTRACE_SINGLESTEP); }

 private:
  // How often it had to be resumed.
  long resume_to_mark(__ptrace_request how) {
    for (long times = 1; stopped_ && times < kMostInstructions; ++times) {
      stopped_ = ptrace(how, pid_, nullptr, nullptr) == 0 && waitpid(pid_, &status_, 0) == pid_ &&
                 WIFSTOPPED(status_);
      if (stopped_ && WSTOPSIG(status_) == kMark) return times;
    }
    throw std::runtime_error("no mark; wait status " + std::to_string(status_));
  }

  pid_t pid_ = -1;
  int status_ = 0;
  bool stopped_ = false;
};

std::optional<long> steps_of(const std::string& stretch, const Environment& environment) {
  Stepped program({STRETCHES, stretch}, environment);
  if (!program.is_traceable()) return std::nullopt;
  // The first time through is for what happens but once.
  for (int mark = 0; mark < 3; ++mark) program.run_to_mark();
  return program.step_to_mark();
}

}  // namespace

std::vector<std::string> calls_of(const std::string& stretch, const Environment& environment) {
  const TemporaryDirectory directory;
  const Finished finished = run(under_strace(
      {.argv = {STRETCHES, stretch}, .environment = environment}, directory / "trace"));
  EXPECT_TRUE(finished.success());
  EXPECT_EQ(finished.error, "") << "a file with faults would make the library do less";
  const std::regex port(R"(htons\(\d+\))");
  std::vector<std::string> calls;
  int marks = 0;
  for (std::string line : traced_calls(directory / "trace")) {
    if (line.find(kMarkCall) != std::string::npos) {
      ++marks;
    } else if (marks == 3) {
      line = line.substr(0, line.rfind(" = "));
      line.erase(line.find_last_not_of(' ') + 1);
      calls.push_back(std::regex_replace(line, port, "PORT"));
    }
  }
  EXPECT_EQ(marks, 4) << stretch;
  return calls;
}

std::optional<long> instructions_of(const std::string& stretch, const Environment& environment) {
  const std::optional<long> marks = steps_of("nothing", environment);
  const std::optional<long> steps = steps_of(stretch, environment);
  if (!marks || !steps) return std::nullopt;
  return *steps - *marks;
}

std::optional<long> instructions_to_main(const Environment& environment) {
  Stepped program({STRETCHES, "nothing"}, environment);
  if (!program.is_traceable()) return std::nullopt;
  return program.step_to_mark();
}

std::optional<long> instructions_of_constructors(Environment environment) {
#ifndef __x86_64__
  return std::nullopt;
#endif
  environment["LD_PRELOAD"] += ":" COUNTS_INSTRUCTIONS;
  // Where each stop costs twenty microseconds, it is some seconds.
  const Finished finished =
      run({.argv = {STRETCHES, "nothing"}, .environment = environment}, std::chrono::minutes(2));
  EXPECT_TRUE(finished.success()) << finished.error;
  return std::stol("0" + finished.output);
}

}  // namespace sockopt::test
