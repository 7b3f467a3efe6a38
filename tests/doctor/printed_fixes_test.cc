// SPDX-License-Identifier: MIT
//
// What `doctor` prints as the fix does what it was printed for, as it was printed: wherever the
// policy came from, whether the library is there, and whatever became of the file. Where nothing
// can be set, nothing is printed that would try.
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

#include "tests/doctor/victim.h"
#include "tests/support/paths.h"
#include "tests/support/requirements.h"
#include "tests/support/servers/demo_server.h"

namespace sockopt::test {
namespace {

namespace fs = std::filesystem;

enum class File { kNone, kKept, kGone, kFaulty, kEmpty };

// Of a process, and of the command that looks at it. `@` is the file.
struct Situation {
  std::string name;
  std::string file{};
  File becomes = File::kNone;        // once the process runs
  std::vector<std::string> run{};    // options of `sockopt run`
  Environment variables{};           // of the process
  bool has_library = true;           // in LD_PRELOAD, where it is not run by `sockopt run`
  std::vector<std::string> given{};  // to doctor
  bool can_apply = true;
};

void PrintTo(const Situation& one, std::ostream* out) { *out << one.name; }

const Situation kSituations[] = {
    {.name = "Options", .run = {"-o", "keepidle=60s"}},
    {.name = "Variables", .variables = {{"SOCKOPT_KEEPIDLE", "60s"}}},
    {.name = "AFile", .file = "a.ini", .becomes = File::kKept, .run = {"-c", "@"}},
    {.name = "ASpace", .file = "my file's.ini", .becomes = File::kKept, .run = {"-c", "@"}},
    {.name = "AFileThatIsGone",
     .file = "a.ini",
     .becomes = File::kGone,
     .run = {"-c", "@"},
     .can_apply = false},
    {.name = "AFileWithAMistake",
     .file = "a.ini",
     .becomes = File::kFaulty,
     .run = {"-c", "@"},
     .can_apply = false},
    {.name = "AnEmptyFile",
     .file = "a.ini",
     .becomes = File::kEmpty,
     .run = {"-c", "@"},
     .can_apply = false},
    {.name = "NoLibrary", .has_library = false, .given = {"-o", "keepidle=60s"}},
    {.name = "NoLibraryAndAFile",
     .file = "my file.ini",
     .becomes = File::kKept,
     .has_library = false,
     .given = {"-c", "@"}},
    {.name = "NoLibraryAndAVariableThatNamesAFile",
     .file = "my file.ini",
     .becomes = File::kKept,
     .variables = {{"SOCKOPT_CONFIG", "@"}},
     .has_library = false},
    {.name = "NoLibraryAndAVariableThatNamesAFaultyFile",
     .file = "my file.ini",
     .becomes = File::kFaulty,
     .variables = {{"SOCKOPT_CONFIG", "@"}},
     .has_library = false,
     .can_apply = false},
    {.name = "NoLibraryAndNothingIsConfigured", .has_library = false, .can_apply = false},
    {.name = "NothingIsConfigured", .can_apply = false},
};

class PrintedFixes : public testing::TestWithParam<Situation> {
 protected:
  std::string named(std::string text) const {
    const std::size_t at = text.find('@');
    return at == text.npos ? text : text.replace(at, 1, file_);
  }

  void SetUp() override {
    const Situation& one = GetParam();
    if (!one.file.empty()) file_ = directory_.write(one.file, "[sockopt]\nkeepidle = 60s\n");
    Environment variables;
    for (const auto& [name, value] : one.variables) variables[name] = named(value);
    Command started;
    if (!one.run.empty()) {
      started = command({"run"}, variables);
      for (const std::string& word : one.run) started.argv.push_back(named(word));
      started.argv.emplace_back("--");
    } else {
      started.environment = one.has_library ? shim_environment(variables) : plain_environment();
      for (const auto& [name, value] : variables) started.environment[name] = value;
    }
    started.argv.push_back(victim("doctor_dynamic"));
    process_.emplace(std::move(started));
    await_ready(*process_);
    // Somebody changes it behind the library's back.
    apply({"--no-file", "-o", "keepidle=300s", pid()});
    switch (one.becomes) {
      case File::kNone:
      case File::kKept:
        break;
      case File::kGone:
        fs::remove(file_);
        break;
      case File::kFaulty:
        directory_.write(one.file, "[sockopt]\nkeepidel = 60s\n");
        break;
      case File::kEmpty:
        directory_.write(one.file, "");
        break;
    }
  }

  std::string pid() const { return std::to_string(process_->pid()); }
  std::string keepidle() const {
    return list_sockets(process_->pid()).sockets.at(0).text("keepidle");
  }

  TemporaryDirectory directory_;
  std::string file_;
  std::optional<Process> process_;
};

TEST_P(PrintedFixes, OfAProcess) {
  std::vector<std::string> arguments;
  for (const std::string& word : GetParam().given) arguments.push_back(named(word));
  arguments.push_back(pid());
  const Finished examined = doctor(arguments);
  SCOPED_TRACE(examined.output + examined.error);
  int applied = 0;
  for (const std::string& fix : fixes(examined)) {
    // Whatever looks like a command is one to a shell.
    for (const std::string& line : commands_in(fix)) {
      EXPECT_TRUE(run({.argv = {"bash", "-n", "-c", line}}).success()) << line;
      if (!line.starts_with("sockopt ")) continue;
      const Finished done = run_printed(line);
      // What shows a mistake ends as one.
      const bool shows = line.starts_with("sockopt check");
      EXPECT_EQ(status(done), shows ? 1 : 0) << line << '\n' << done.output << done.error;
      if (line.starts_with("sockopt apply ")) ++applied;
    }
  }
  EXPECT_EQ(applied != 0, GetParam().can_apply);
  EXPECT_EQ(keepidle(), GetParam().can_apply ? "60s" : "300s");
  EXPECT_EQ(count(examined.output, "sockopt apply"), applied)
      << "and no other is printed in whichever form";
}

INSTANTIATE_TEST_SUITE_P(Of, PrintedFixes, testing::ValuesIn(kSituations),
                         [](const auto& one) { return one.param.name; });

// A program before it is started.
TEST(PrintedFixesOfAProgram, AreForAPolicyThatThereIs) {
  if (!has_victim("doctor_static")) GTEST_SKIP() << "no static program was built here";
  const TemporaryDirectory directory;
  const std::string file = directory.write("a b.ini", "[sockopt]\nkeepidle = 60s\n");
  const std::string empty = directory.write("empty.ini", "");
  const std::string faulty = directory.write("faulty.ini", "[sockopt]\nkeepidel = 60s\n");
  Process process({.argv = {victim("doctor_static")}});
  await_ready(process);
  for (const auto& [given, can_apply] :
       {std::pair(std::vector<std::string>{"-c", file}, true),
        std::pair(std::vector<std::string>{"-o", "keepidle=60s"}, true),
        std::pair(std::vector<std::string>{"-c", empty}, false),
        std::pair(std::vector<std::string>{"-c", faulty}, false)}) {
    std::vector<std::string> arguments = given;
    arguments.insert(arguments.end(), {"--", victim("doctor_static")});
    const Finished examined = doctor(arguments);
    const std::string fix = printed_command(examined.output, "once it runs: ");
    EXPECT_EQ(!fix.empty(), can_apply) << examined.output;
    if (!fix.empty()) {
      EXPECT_TRUE(run_printed(fix).success()) << fix;
    }
  }
}

TEST(PrintedFixesOfTheHost, ShowWhatIsWrong) {
  const TemporaryDirectory directory;
  const std::string file =
      directory.write("my file's.ini", "[sockopt]\nkeepidel = 60s\nbacklog = 100000000\n");
  const Environment environment = {{"SOCKOPT_CONFIG", file}};
  const Finished examined = sockopt({"doctor"}, environment);
  int run_here = 0;
  for (const std::string& fix : fixes(examined)) {
    for (const std::string& line : commands_in(fix)) {
      EXPECT_TRUE(run({.argv = {"bash", "-n", "-c", line}}).success()) << line;
      if (!line.starts_with("sockopt ")) continue;
      // Each shows a mistake, if not by what it is named for.
      const Finished done = run_printed(line, environment);
      EXPECT_EQ(status(done), 1) << line << done.output;
      EXPECT_TRUE(contains(done.output + done.error, "did you mean `keepidle`?"));
      ++run_here;
    }
  }
  EXPECT_GE(run_here, 1) << examined.output;
}

// The line that takes LD_PRELOAD away, with the library, and with what -o said.
TEST(PrintedFixesOfAProgram, HandOnWhatWasAskedFor) {
  const TemporaryDirectory directory;
  const std::string file = directory.write("a b.ini", "[sockopt]\nkeepcnt = 4\n");
  const Finished examined =
      doctor({"-c", file, "-o", "keepidle=60s", "--", "env", "-i", victim("doctor_dynamic")});
  ASSERT_EQ(fixes(examined).size(), 1u) << examined.output;
  Process process({.argv = {"bash", "-c", "exec " + fixes(examined).front()}});
  await_ready(process);
  const SocketSnapshot socket = list_sockets(process.pid()).sockets.at(0);
  EXPECT_EQ(socket.text("keepidle"), "60s");
  EXPECT_EQ(socket.text("keepcnt"), "4");
}

}  // namespace
}  // namespace sockopt::test
