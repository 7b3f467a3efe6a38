// SPDX-License-Identifier: MIT
//
// `sockopt run`: a faulty configuration starts nothing and names every fault; a sound one reaches
// the program whole.
#include <filesystem>

#include "tests/support/paths.h"
#include "tests/support/requirements.h"
#include "tests/support/sockopt_command.h"

namespace sockopt::test {
namespace {

// Tests of the variables give the library a file of their own, whatever this host has in /etc.
class Run : public testing::Test {
 protected:
  Finished sockopt_run(std::vector<std::string> arguments, Environment variables = {}) {
    arguments.insert(arguments.begin(), "run");
    if (!variables.contains("SOCKOPT_CONFIG")) variables["SOCKOPT_CONFIG"] = empty_;
    Command started = command(std::move(arguments), variables);
    started.directory = directory_.path();
    return sockopt::test::run(started);
  }

  // The variable as the program sees it, `NAME=VALUE`; empty where it is not set.
  static std::string variable(const Finished& env, const std::string& name) {
    const std::string output = '\n' + env.output;
    const auto at = output.find('\n' + name + '=');
    if (at == std::string::npos) return {};
    return output.substr(at + 1, output.find('\n', at + 1) - at - 1);
  }

  // That nothing was started, and that these are the faults.
  void expect_refused(const Finished& finished, const std::vector<std::string>& faults) {
    EXPECT_EQ(status(finished), 125);
    EXPECT_EQ(finished.output, "");
    std::string expected;
    for (const std::string& fault : faults) expected += "sockopt: " + fault + '\n';
    EXPECT_EQ(finished.error, expected + "sockopt: nothing was started\n");
    EXPECT_FALSE(std::filesystem::exists(trace_)) << "the program ran";
  }

  TemporaryDirectory directory_;
  std::string empty_ = directory_.write("empty.ini", "[sockopt]\n").string();
  std::string trace_ = directory_ / "trace";
  // Leaves a trace if it is started.
  std::vector<std::string> with_trace(std::vector<std::string> options) const {
    options.insert(options.end(), {"touch", trace_});
    return options;
  }
};

TEST_F(Run, SettingsReachTheProgramAsVariablesAndTheLibraryComesFirst) {
  const Finished env =
      sockopt_run({"-o", "nodelay=on", "-o", "raw.1.99=3", "-o", "log=debug", "--", "env"});
  EXPECT_EQ(status(env), 0);
  EXPECT_EQ(variable(env, "SOCKOPT_NODELAY"), "SOCKOPT_NODELAY=on");
  EXPECT_EQ(variable(env, "SOCKOPT_RAW_1_99"), "SOCKOPT_RAW_1_99=3");
  EXPECT_EQ(variable(env, "SOCKOPT_LOG"), "SOCKOPT_LOG=debug");
  EXPECT_EQ(variable(env, "LD_PRELOAD"), "LD_PRELOAD=" + library().string());
  EXPECT_EQ(env.error, "");
}

TEST_F(Run, TheCommandLineWinsOverAVariable) {
  const Finished env = sockopt_run({"-o", "keepidle=60s", "env"}, {{"SOCKOPT_KEEPIDLE", "abc"}});
  EXPECT_EQ(status(env), 0) << env.error;
  EXPECT_EQ(count(env.output, "SOCKOPT_KEEPIDLE="), 1);
  EXPECT_EQ(variable(env, "SOCKOPT_KEEPIDLE"), "SOCKOPT_KEEPIDLE=60s");
}

TEST_F(Run, KeepsWhatLdPreloadHoldsAndIsThereOnce) {
  const std::string own = "LD_PRELOAD=" + library().string();
  const auto preload = [&](const std::string& before) {
    return variable(sockopt_run({"-o", "nodelay=on", "env"}, {{"LD_PRELOAD", before}}),
                    "LD_PRELOAD");
  };
  EXPECT_EQ(preload(""), own);
  EXPECT_EQ(preload("libm.so.6"), own + ":libm.so.6");
  EXPECT_EQ(preload("libm.so.6 libdl.so.2:libc.so.6"), own + ":libm.so.6:libdl.so.2:libc.so.6");
  EXPECT_EQ(preload(library().string()), own);
  EXPECT_EQ(preload("libm.so.6:" + library().string()), own + ":libm.so.6");
  if (!kSanitizers.empty()) {
    GTEST_SKIP() << "the command is built with a sanitizer, whose runtime `run` puts in front";
  }
  const Finished nested = sockopt_run(
      {"-o", "nodelay=on", command_path(), "run", "-o", "keepcnt=5", "-o", "keepalive=on", "env"});
  EXPECT_EQ(variable(nested, "LD_PRELOAD"), own);
  EXPECT_EQ(variable(nested, "SOCKOPT_NODELAY"), "SOCKOPT_NODELAY=on");
  EXPECT_EQ(variable(nested, "SOCKOPT_KEEPCNT"), "SOCKOPT_KEEPCNT=5");
}

TEST_F(Run, TheFileIsNamedByItsAbsolutePath) {
  const std::string path = directory_.write("own.ini", "[sockopt]\nnodelay = on\n").string();
  for (const std::string& spelling : {path, std::string("own.ini"), std::string("./own.ini")}) {
    const Finished env = sockopt_run({"-c", spelling, "sh", "-c", "cat \"$SOCKOPT_CONFIG\""});
    EXPECT_EQ(status(env), 0) << env.error;
    EXPECT_EQ(env.output, "[sockopt]\nnodelay = on\n") << spelling;
    EXPECT_EQ(env.error, "");
  }
  EXPECT_EQ(variable(sockopt_run({"--config=own.ini", "env"}), "SOCKOPT_CONFIG"),
            "SOCKOPT_CONFIG=" + path);
}

TEST_F(Run, EveryFaultOfTheCommandLineIsNamedInItsOwnWords) {
  const std::string not_raw =
      "`raw.1` is not raw.LEVEL.NAME with the numbers of setsockopt(2), such as raw.1.18";
  expect_refused(
      sockopt_run(with_trace({"-o", "keepidle=abc",  "-o", "keepidel=1",
                              "-o", "nodelay",       "-o", "=1",
                              "-o", "keepcnt=",      "-o", "user_timeout=30",
                              "-o", "nodelay=on",    "-o", "nodelay=on",
                              "-o", "raw.6.18=1",    "-o", "raw.1=1",
                              "-o", "log=loud",      "-o", "KEEPCNT=5",
                              "-o", "preset=turbo",  "-o", "enforce=on",
                              "-o", "program=nginx", "-o", "congestion=\x1b[31m"})),
      {"-o keepidle=abc: takes 1s..32767s",
       "-o keepidel=1: unknown option `keepidel`; did you mean `keepidle`?",
       "-o nodelay: write KEY=VALUE, as in -o keepidle=60s",
       "-o =1: write KEY=VALUE, as in -o keepidle=60s", "-o keepcnt=: needs a value; takes 1..127",
       "-o user_timeout=30: needs a unit: 30s or 30ms", "-o nodelay=on: nodelay is given twice",
       "-o raw.6.18=1: `raw.6.18` has its own key: user_timeout", "-o raw.1=1: " + not_raw,
       "-o log=loud: takes off|error|warn|info|debug",
       "-o KEEPCNT=5: unknown option `KEEPCNT`; did you mean `keepcnt`?",
       "-o preset=turbo: takes balanced|low-latency|high-throughput|dead-peer",
       "-o enforce=on: enforce belongs in a file; here write --enforce",
       "-o program=nginx: program belongs in a rule of a file; -o is for every socket",
       "-o congestion=\\x1b[31m: takes a name of at most 15 characters"});
}

TEST_F(Run, TheSameRawOptionInTwoSpellingsIsGivenTwice) {
  expect_refused(sockopt_run(with_trace({"-o", "raw.1.99=1", "-o", "raw.0x1.0x63=1"})),
                 {"-o raw.0x1.0x63=1: raw.0x1.0x63 is given twice"});
}

TEST_F(Run, EveryFaultOfTheFileAndTheEnvironmentIsNamed) {
  const std::string path =
      directory_.write("bad.ini", "[sockopt]\nnodelay = 2\nfoo = 1\n").string();
  const std::string unknown = "environment: unknown variable `SOCKOPT_KEEPINTVAL`; ";
  expect_refused(sockopt_run(with_trace({"-c", path, "-o", "keepcnt=0"}),
                             {{"SOCKOPT_KEEPIDLE", "x"}, {"SOCKOPT_KEEPINTVAL", "10s"}}),
                 {"-o keepcnt=0: takes 1..127", path + ":2:11: nodelay = 2: takes on|off",
                  path + ":3:1: unknown option `foo`; `sockopt options` lists them all",
                  "environment: SOCKOPT_KEEPIDLE=x: takes 1s..32767s",
                  unknown + "did you mean `SOCKOPT_KEEPINTVL`?"});
}

TEST_F(Run, AFileThatIsMissingOrThatTheShimWouldRefuseIsAFault) {
  expect_refused(sockopt_run(with_trace({"-c", "missing.ini"})),
                 {"-c missing.ini: there is no such file"});
  expect_refused(sockopt_run(with_trace({"-c", empty_ + "/x.ini", "-o", "keepcnt=0"})),
                 {"-o keepcnt=0: takes 1..127", "-c " + empty_ + "/x.ini: there is no such file"});
  const std::string path = directory_.write("open.ini", "[sockopt]\nnodelay = on\n", 0666).string();
  expect_refused(sockopt_run(with_trace({"-c", path})),
                 {path + ": not read: it can be written by anyone (chmod go-w)"});
  expect_refused(
      sockopt_run(with_trace({"-c", directory_.path()})),
      {directory_.path().string() + ": not read: it is a directory, not a regular file"});
}

// What `check` warns of, as far as it is for this program.
TEST_F(Run, WarnsOfWhatHurts) {
  const std::string path = directory_.write("harm.ini",
                                            "[sockopt]\nlinger = reset\n"
                                            "[rule mine]\nprogram = true\nrcvbuf = 1M\n"
                                            "[rule other]\nprogram = other\nsndbuf = 1M\n"
                                            "[rule web]\nlisten = 0.0.0.0:80\nbacklog = 64\n"
                                            "[rule more]\nprogram = other\nlisten = 0.0.0.0:81\n"
                                            "backlog = 64\n");
  const Finished finished = sockopt_run({"-c", path, "true"});
  EXPECT_EQ(status(finished), 0);
  for (const char* warned :
       {":2: linger = reset: ", ":5: rcvbuf fixes ", ":9: [rule web] is for 0.0.0.0"}) {
    EXPECT_TRUE(contains(finished.error, "sockopt: warning: " + path + warned));
  }
  EXPECT_EQ(count(finished.error, "\n"), 3) << finished.error;
  const Finished options = sockopt_run({"-o", "bind_address_no_port=on", "true"});
  EXPECT_TRUE(options.error.starts_with(
      "sockopt: warning: -o bind_address_no_port: bind_address_no_port for every socket: "))
      << options.error;
  EXPECT_TRUE(sockopt_run({"true"}, {{"SOCKOPT_LINGER", "reset"}})
                  .error.starts_with("sockopt: warning: SOCKOPT_LINGER: linger = reset: "));
}

TEST_F(Run, SaysWhereNothingWillBeSet) {
  const Finished idle = sockopt_run({"sh", "-c", "exit 3"});
  EXPECT_EQ(status(idle), 3);
  EXPECT_EQ(
      idle.error,
      "sockopt: warning: no settings: no file, no -o and no SOCKOPT_ variable sets an option\n");
  const Finished disabled =
      sockopt_run({"-o", "nodelay=on", "sh", "-c", "exit 3"}, {{"SOCKOPT_DISABLE", "1"}});
  EXPECT_EQ(status(disabled), 3);
  EXPECT_EQ(disabled.error,
            "sockopt: warning: SOCKOPT_DISABLE is set: the program runs without options\n");
  EXPECT_EQ(sockopt_run({"-o", "nodelay=on", "true"}, {{"SOCKOPT_DISABLE", "0"}}).error, "");
}

TEST_F(Run, SaysWhereAllRulesAreForOtherPrograms) {
  const std::string path =
      directory_.write("others.ini", "[rule web]\nprogram = nginx\nnodelay = on\n").string();
  const Finished none = sockopt_run({"-c", path, "true"});
  EXPECT_EQ(status(none), 0);
  EXPECT_TRUE(
      none.error.starts_with("sockopt: warning: true: no setting applies to it; rules know "
                             "it as "))
      << none.error;
  EXPECT_TRUE(
      contains(none.error, ", and are for others: [rule web] (program = nginx); program = "));
  EXPECT_EQ(count(none.error, "\n"), 1) << none.error;
  // Other settings are for it, and where nothing is set at all that has been said.
  EXPECT_EQ(sockopt_run({"-c", path, "-o", "nodelay=on", "true"}).error, "");
  EXPECT_EQ(sockopt_run({"-c", path, "true"}, {{"SOCKOPT_NODELAY", "on"}}).error, "");
  EXPECT_EQ(count(sockopt_run({"-c", path, "true"}, {{"SOCKOPT_DISABLE", "1"}}).error, "\n"), 1);
  EXPECT_TRUE(contains(sockopt_run({"-c", path, "env", "true"}).error, "no setting applies to it"));
}

}  // namespace
}  // namespace sockopt::test
