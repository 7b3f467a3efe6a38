// SPDX-License-Identifier: MIT
//
// Programs that are not started: what the library will not reach, and what it will.
#include <unistd.h>

#include "tests/doctor/victim.h"
#include "tests/support/paths.h"
#include "tools/sockopt/run/sanitizer.h"

namespace sockopt::test {
namespace {

class ProgramDoctor : public testing::Test {
 protected:
  Finished examine(const std::vector<std::string>& words,
                   const std::string& text = "[sockopt]\nnodelay = on\n") {
    std::vector<std::string> arguments = {"-c", directory_.write("sockopt.ini", text), "--"};
    arguments.insert(arguments.end(), words.begin(), words.end());
    return doctor(arguments);
  }

  TemporaryDirectory directory_;
};

TEST_F(ProgramDoctor, FindsNothingWrong) {
  const std::string program = victim("doctor_dynamic");
  const Finished finished = examine({program, "-x", "--json"});
  EXPECT_EQ(status(finished), 0) << finished.output << finished.error;
  EXPECT_TRUE(finished.output.starts_with("program " + program + " -x --json\n"))
      << "what stands behind the program is the program's: " << finished.output;
  EXPECT_TRUE(contains(said(finished, "OK", "reach"), "loads libraries (/lib"));
  EXPECT_TRUE(contains(said(finished, "OK", "settings"), "1 option on each of its sockets"));
  EXPECT_EQ(count(finished.output, "FAIL"), 0) << finished.output;
  EXPECT_EQ(count(finished.output, "WARN"), 0) << finished.output;
}

TEST_F(ProgramDoctor, FindsWhatTheLibraryCannotReach) {
  const std::pair<const char*, const char*> known[] = {
      {"doctor_static", "it is statically linked"},
      {"doctor_musl_static", "it is statically linked"},
      {"doctor_go", "Go programs make their system calls without libc"}};
  for (const auto& [name, why] : known) {
    if (!has_victim(name)) {
      std::cout << name << " could not be built here (musl-tools, golang-go)\n";
      continue;
    }
    const Finished finished = examine({victim(name)});
    EXPECT_EQ(status(finished), 1) << name;
    EXPECT_TRUE(contains(said(finished, "FAIL", "reach"), why));
  }
}

// That what is said is what happens: the loader's own library ends the program.
TEST_F(ProgramDoctor, FindsAddressSanitizer) {
  const std::string program = victim("doctor_asan");
  const std::string runtime = sanitizer_runtime(std::vector{program});
  if (runtime.empty()) GTEST_SKIP() << "this compiler links the sanitizer into the program";
  const Finished finished = examine({program});
  EXPECT_EQ(status(finished), 1);
  EXPECT_TRUE(
      contains(said(finished, "FAIL", "sanitizer"), "has to come before every other library"));
  const Finished started = run({.argv = {program}, .environment = shim_environment()});
  EXPECT_FALSE(started.success());
  EXPECT_TRUE(contains(started.error, "ASan runtime does not come first"));
  // And what it advises helps.
  Environment environment = shim_environment();
  environment["LD_PRELOAD"] = runtime + ":" + environment["LD_PRELOAD"];
  Process process({.argv = {program}, .environment = environment});
  EXPECT_NO_THROW(await_ready(process));
}

TEST_F(ProgramDoctor, FindsMusl) {
  if (!has_victim("doctor_musl_dynamic")) GTEST_SKIP() << "no musl-gcc where this was built";
  const Finished finished = examine({victim("doctor_musl_dynamic")});
  EXPECT_EQ(status(finished), 0) << finished.output;
  EXPECT_TRUE(contains(said(finished, "NOTE", "musl"), "the full path in LD_PRELOAD"));
  EXPECT_EQ(said(examine({victim("doctor_dynamic")}), "NOTE", "musl"), "");
}

TEST_F(ProgramDoctor, FindsTheInterpreterOfAScript) {
  const std::string script = directory_.write("server.py", "#!/usr/bin/env python3\n", 0755);
  const std::string rule = "[rule one]\nprogram = server.py\nnodelay = on\n";
  const Finished finished = examine({script}, rule);
  EXPECT_EQ(status(finished), 0) << finished.output;
  EXPECT_TRUE(contains(said(finished, "OK", "script"), script + " is run by "));
  EXPECT_TRUE(contains(said(finished, "OK", "settings"), "1 option")) << "by the script's name";

  const std::string broken = directory_.write("broken", "#!/nowhere/python\n", 0755);
  const Finished missing = examine({broken});
  EXPECT_EQ(status(missing), 1);
  EXPECT_TRUE(contains(said(missing, "FAIL", "program"), "/nowhere/python is not there"));
}

TEST_F(ProgramDoctor, FindsAScriptWhoseInterpreterIsStatic) {
  const std::string script =
      directory_.write("script", "#!" + victim("doctor_static") + "\n", 0755);
  EXPECT_TRUE(contains(said(examine({script}), "FAIL", "reach"), "it is statically linked"));
}

TEST_F(ProgramDoctor, FindsThatNoRuleIsForIt) {
  const Finished finished =
      examine({victim("doctor_dynamic")}, "[rule one]\nprogram = other\nnodelay = on\n");
  EXPECT_EQ(status(finished), 0);
  EXPECT_TRUE(contains(said(finished, "WARN", "settings"), "no rule of the configuration is for"));
}

TEST_F(ProgramDoctor, FindsNoProgram) {
  const Finished finished = examine({"nosuchprogram"});
  EXPECT_EQ(status(finished), 1);
  EXPECT_TRUE(contains(said(finished, "FAIL", "program"), "no such program in PATH"));
}

}  // namespace
}  // namespace sockopt::test
