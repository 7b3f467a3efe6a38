// SPDX-License-Identifier: MIT
//
// Programs that are not started: what the library will not reach, and what it will.
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "tests/doctor/victim.h"
#include "tests/support/paths.h"
#include "tests/support/requirements.h"
#include "tools/sockopt/launch/sanitizer.h"

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

  // A program of our own whose mode and rights a test changes.
  std::string copy_of(const std::string& name) {
    const std::filesystem::path copy = directory_.path() / name;
    std::filesystem::copy_file(victim(name), copy);
    return copy;
  }

  TemporaryDirectory directory_;
};

TEST_F(ProgramDoctor, FindsNothingWrong) {
  const std::string program = victim("doctor_dynamic");
  const Finished finished = examine({program, "-x", "--json"});
  EXPECT_EQ(status(finished), 0) << finished.output << finished.error;
  EXPECT_TRUE(finished.output.starts_with("program " + program + " -x --json\n"))
      << "what stands behind the program is the program's: " << finished.output;
  EXPECT_TRUE(contains(said(finished, "OK", "reach"), "program (/lib"));
  EXPECT_TRUE(contains(said(finished, "OK", "settings"), "1 option on each of its sockets"));
  EXPECT_EQ(count(finished.output, "FAIL"), 0) << finished.output;
  EXPECT_EQ(count(finished.output, "WARN"), 0) << finished.output;
}

TEST_F(ProgramDoctor, FindsWhatTheLibraryCannotReach) {
  std::string missing;
  for (const auto& [name, why] : kUnreachable) {
    if (!has_victim(name)) {
      missing += std::string(" ") + name;
      continue;
    }
    const Finished finished = examine({victim(name)});
    EXPECT_EQ(status(finished), 1) << name;
    EXPECT_TRUE(contains(said(finished, "FAIL", "reach"), why));
    EXPECT_TRUE(contains(said(finished, "FAIL", "reach"),
                         "fix: once it runs: sockopt apply -c " +
                             (directory_.path() / "sockopt.ini").string() + " " + name + "\n"));
  }
  if (!missing.empty()) GTEST_SKIP() << "not built here (musl-tools, golang-go):" << missing;
}

TEST_F(ProgramDoctor, NamesCommandsThatAShellTakes) {
  const std::string program = directory_.path() / "no program";
  directory_.write("no program", "", 0644);
  const Finished closed = examine({program});
  EXPECT_TRUE(contains(closed.output, "fix: chmod +x '" + program + "'\n"));
  if (!has_victim("doctor_static")) GTEST_SKIP() << "no static program was built here";
  const std::string file = directory_.write("a b.ini", "[sockopt]\nnodelay = on\n");
  const Finished unreachable = doctor({"-c", file, "--", victim("doctor_static")});
  EXPECT_TRUE(contains(unreachable.output, "sockopt apply -c '" + file + "' doctor_static\n"));
}

TEST_F(ProgramDoctor, FindsAnotherArchitecture) {
  const std::string compiler = "/usr/bin/i686-linux-gnu-gcc";
  if (access(compiler.c_str(), X_OK) != 0) GTEST_SKIP() << "no " << compiler;
  const std::string source = directory_.write("one.c", "int main(void) { return 0; }\n");
  const std::string program = directory_.path() / "one";
  ASSERT_TRUE(run({.argv = {compiler, "-o", program, source}}).success());
  const Finished finished = examine({program});
  EXPECT_EQ(status(finished), 1);
  EXPECT_TRUE(contains(said(finished, "FAIL", "reach"), "it is a 32-bit x86 program"));
}

// For root it is no gain of rights; for whoever else starts it, it is.
TEST_F(ProgramDoctor, FindsRightsThatAreGainedByOthersThanRoot) {
  SOCKOPT_NEEDS_ROOT("to make a program of root's");
  const std::string program = copy_of("doctor_dynamic");
  EXPECT_EQ(said(examine({program}), "NOTE", "rights"), "");
  ASSERT_EQ(::chmod(program.c_str(), 04755), 0);
  EXPECT_TRUE(
      contains(said(examine({program}), "NOTE", "rights"),
               "if another user starts it: it runs with the rights of user root (set-user-ID)"));
  ASSERT_EQ(::chmod(program.c_str(), 0755), 0);
  ASSERT_TRUE(run({.argv = {"setcap", "cap_net_raw+ep", program}}).success());
  EXPECT_TRUE(contains(said(examine({program}), "NOTE", "rights"), "it has file capabilities"));
}

TEST_F(ProgramDoctor, SaysWhatAProgramThatStartsAnotherDoesWithTheEnvironment) {
  const Finished kept = examine({"env", "A=1", victim("doctor_dynamic")});
  EXPECT_EQ(status(kept), 0) << kept.output;
  EXPECT_TRUE(contains(said(kept, "OK", "wrapper"), "env hands its environment on to "));
  EXPECT_TRUE(contains(said(kept, "OK", "reach"), victim("doctor_dynamic")));
  const Finished unreached = examine({"env", "A=1", victim("doctor_static")});
  EXPECT_TRUE(contains(said(unreached, "FAIL", "reach"), "it is statically linked"));
  const Finished cleared = examine({"env", "-i", victim("doctor_static")});
  EXPECT_TRUE(contains(said(cleared, "FAIL", "wrapper"), "without LD_PRELOAD"));
  EXPECT_EQ(said(cleared, "NOTE", "wrapper"), "");
}

// That what is said is what happens: the loader's own library ends the program.
TEST_F(ProgramDoctor, FindsAddressSanitizer) {
  const std::string program = victim("doctor_asan");
  const std::string runtime = sanitizer_runtime(std::vector{program});
  if (runtime.empty()) GTEST_SKIP() << "this compiler links the sanitizer into the program";
  const Finished finished = examine({program});
  EXPECT_EQ(status(finished), 1);
  EXPECT_TRUE(
      contains(said(finished, "FAIL", "sanitizer"), "must come before every other library"));
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
  EXPECT_TRUE(contains(said(missing, "FAIL", "program"), "/nowhere/python does not exist"));
  const std::string by_env = directory_.write("by_env", "#!/usr/bin/env nosuchpython\n", 0755);
  EXPECT_TRUE(contains(said(examine({by_env}), "FAIL", "program"), "nosuchpython does not exist"));
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
  EXPECT_TRUE(contains(said(finished, "WARN", "settings"), "no setting applies to"));
}

// A static program that only executes another one hands LD_PRELOAD on.
TEST_F(ProgramDoctor, LooksPastAStaticProgramThatStartsAnother) {
  for (const char* name : {"tini-static", "gosu"}) {
    const std::string wrapper = directory_.path() / name;
    std::filesystem::copy_file(victim("doctor_static"), wrapper);
    std::vector<std::string> words = {wrapper};
    if (std::string_view(name) == "gosu") words.emplace_back("nobody");
    words.push_back(victim("doctor_dynamic"));
    const Finished finished = examine(words);
    EXPECT_EQ(status(finished), 0) << finished.output;
    EXPECT_EQ(count(finished.output, "FAIL"), 0) << finished.output;
  }
  const std::string unknown = copy_of("doctor_static");
  const Finished finished = examine({unknown, "--", victim("doctor_dynamic")});
  EXPECT_EQ(status(finished), 0) << finished.output;
  EXPECT_TRUE(contains(said(finished, "WARN", "reach"), "what it starts can have options"));
  EXPECT_EQ(status(examine({unknown, "-x"})), 1);
}

TEST_F(ProgramDoctor, FindsThatARuleForAScriptIsNotForWhatItBecomes) {
  const std::string text = "[sockopt]\nttl = 3\n[rule a]\nprogram = start.sh\nnodelay = on\n";
  const std::string script = directory_.write(
      "start.sh", "#!/bin/sh\nexec " + victim("doctor_dynamic") + " \"$@\"\n", 0755);
  const Finished finished = examine({script, "-x"}, text);
  EXPECT_TRUE(contains(said(finished, "WARN", "settings"),
                       "[rule a] (program = start.sh) is for the script, which becomes another "
                       "program, known as doctor_dynamic"))
      << finished.output;
  EXPECT_TRUE(contains(finished.output, "fix: program = doctor_dynamic\n"));

  directory_.write("start.sh", "#!/bin/sh\nexec \"$JAVA\" -jar 'my app.jar' ''\n", 0755);
  const Finished unknown = examine({script}, text);
  EXPECT_TRUE(contains(said(unknown, "WARN", "settings"), "exec $JAVA -jar 'my app.jar' ''"))
      << unknown.output;
  EXPECT_TRUE(contains(said(unknown, "WARN", "settings"), "[rule a] is for the script"));
}

// As a shell takes it.
TEST_F(ProgramDoctor, IsNamedAsItWouldBeStarted) {
  const Finished finished = examine({"sh", "-c", "exec true --dir /x"});
  EXPECT_TRUE(finished.output.starts_with("program sh -c 'exec true --dir /x'\n"))
      << finished.output;
}

TEST_F(ProgramDoctor, FindsNoProgram) {
  const Finished finished = examine({"nosuchprogram"});
  EXPECT_EQ(status(finished), 1);
  EXPECT_TRUE(contains(said(finished, "FAIL", "program"), "no such program in PATH"));
  const std::string gone = directory_.path() / "gone";
  EXPECT_TRUE(contains(said(examine({gone}), "FAIL", "program"), gone + " does not exist"));
  EXPECT_TRUE(contains(said(examine({directory_.path()}), "FAIL", "program"), "is a directory"));
  const std::string text = directory_.write("text", "");
  EXPECT_TRUE(contains(said(examine({text}), "FAIL", "program"), "fix: chmod +x " + text));
}

}  // namespace
}  // namespace sockopt::test
