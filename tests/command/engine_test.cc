// SPDX-License-Identifier: MIT
//
// `explain` and `check` with `--engine bpf`: what a policy would give where it is attached. For
// every option of the table: it is the engine that sets it, or another way is named.
#include <nlohmann/json.hpp>

#include "shim/options/table.h"
#include "tests/support/sockopt_command.h"
#include "tests/support/temporary_directory.h"
#include "tools/sockopt/bpf/compile_policy.h"

namespace sockopt::test {
namespace {

bool is_set_by_engine(OptionId id) {
  return kBpfHelper[id].takes &&
         KernelVersion::parse(kBpfHelper[id].since) <= KernelVersion::running();
}

class ExplainEngine : public testing::Test {
 protected:
  Finished explain(const std::string& policy, std::vector<std::string> more) {
    std::vector<std::string> words = {"explain", "--engine", "bpf", "-c",
                                      directory_.write("sockopt.ini", policy)};
    words.insert(words.end(), more.begin(), more.end());
    return sockopt(words);
  }
  nlohmann::json option(const std::string& policy, const std::string& key,
                        std::vector<std::string> more = {}) {
    more.insert(more.end(), {"--json"});
    const Finished finished = explain(policy, more);
    EXPECT_EQ(status(finished), 0) << finished.error;
    const nlohmann::json json = nlohmann::json::parse(finished.output);
    EXPECT_EQ(json["engine"], "bpf");
    EXPECT_EQ(json["syscalls_per_connection"], 0);
    return json["options"].value(key, nlohmann::json());
  }

  TemporaryDirectory directory_;
};

TEST_F(ExplainEngine, SaysWhatRulesKnowTheProgramAs) {
  const std::string policy = "[rule cache]\nprogram = memcached\nkeepidle = 61s\n";
  const Finished finished = explain(policy, {"--program", "nginx", "--listen", "1"});
  EXPECT_TRUE(contains(finished.output, "rules know it as nginx\n")) << finished.output;
}

TEST_F(ExplainEngine, NamesWhatSetsEachOptionOfTheTable) {
  std::string policy = "[sockopt]\n";
  for (OptionId id = 0; id < kOptionCount; ++id) {
    policy +=
        std::string(kOptions[id].key.view()) + " = " + std::string(kManual[id].example) + "\n";
  }
  const nlohmann::json all =
      nlohmann::json::parse(explain(policy, {"--json"}).output).at("options");
  ASSERT_EQ(all.size(), kOptionCount);
  std::size_t by_engine = 0;
  for (OptionId id = 0; id < kOptionCount; ++id) {
    const std::string key(kOptions[id].key.view());
    const nlohmann::json& one = all.at(key);
    EXPECT_EQ(one["set_by"] == "bpf", is_set_by_engine(id)) << key;
    EXPECT_EQ(one["limit"].is_null(), is_set_by_engine(id)) << key;
    EXPECT_EQ(one["limit_fix"].is_null(), is_set_by_engine(id)) << key;
    EXPECT_EQ(one["set_at"].empty(), one["set_by"] == "library") << key;
    by_engine += is_set_by_engine(id) ? 1 : 0;
  }
  EXPECT_GT(by_engine, 20U);
}

TEST_F(ExplainEngine, AListener) {
  const std::string policy =
      "[sockopt]\nkeepidle = 60s\nbacklog = 9\nreuseaddr = on\nfreebind = on\n"
      "priority = 3\nnodelay = default\nquickack = ignore\n";
  const auto listener = [&](const char* key) { return option(policy, key, {"--listen", "443"}); };
  const auto calls = [](std::vector<std::string> words) { return nlohmann::json(words); };
  EXPECT_EQ(listener("keepidle")["set_at"], calls({"bind", "listen"}));
  EXPECT_EQ(listener("reuseaddr")["set_at"], calls({"bind"}));
  EXPECT_EQ(listener("priority")["set_at"], calls({"bind", "listen", "accept"}));
  EXPECT_EQ(listener("backlog")["set_at"], calls({"after listen"}));
  EXPECT_EQ(listener("backlog")["set_by"], "watch");
  EXPECT_EQ(listener("freebind")["set_by"], "library");
  EXPECT_EQ(listener("nodelay")["set_by"], nullptr);
  EXPECT_EQ(listener("quickack")["set_at"], calls({"setsockopt"}));
  const Finished text = explain(policy, {"--listen", "443"});
  EXPECT_EQ(status(text), 0);
  EXPECT_TRUE(contains(text.output, "SET BY")) << text.output;
  EXPECT_FALSE(contains(text.output, "SYSCALLS/CONN"));
  EXPECT_TRUE(contains(text.output, "no system call is added to any process\n"));
  EXPECT_TRUE(contains(text.output,
                       "\nbacklog: the bpf engine does not set it; sockopt watch "
                       "sets it, as long as it runs\n"));
  EXPECT_TRUE(contains(text.output,
                       "\nfreebind: the bpf engine does not set it; only the library "
                       "sets it: sockopt run, sockopt enable\n"));
  EXPECT_FALSE(contains(text.output, "keepidle: the"));
}

TEST_F(ExplainEngine, AListenerWhoseAddressDecides) {
  const std::string policy =
      "[sockopt]\nkeepcnt = 3\n[rule a]\nlisten = *\nkeepidle = 60s\nreuseaddr = on\n"
      "bindtodevice = lo\n[rule b]\nlisten = 127.0.0.1:1\nkeepcnt = 4\n";
  const auto calls_for = [&](const char* key, const char* address) {
    return option(policy, key, {"--listen", address})["set_at"];
  };
  const auto calls = [](std::vector<std::string> words) { return nlohmann::json(words); };
  EXPECT_EQ(calls_for("keepidle", "443"), calls({"listen"}));
  EXPECT_EQ(calls_for("reuseaddr", "443"), calls({"bind"}));
  EXPECT_EQ(calls_for("bindtodevice", "443"), calls({"bind"}));
  EXPECT_EQ(calls_for("keepcnt", "443"), calls({"bind", "listen"})) << "no rule cancels it";
  EXPECT_EQ(calls_for("keepcnt", "127.0.0.1:1"), calls({"listen"}));
}

TEST_F(ExplainEngine, AConnection) {
  const std::string policy = "[rule a]\nconnect = *\nkeepidle = 60s\nlinger = 5s\nsndtimeo = 5s\n";
  const auto client = [&](const char* key) {
    return option(policy, key, {"--connect", "127.0.0.1:5432"});
  };
  EXPECT_EQ(client("keepidle")["set_at"], nlohmann::json({"connect"}));
  EXPECT_EQ(client("linger")["set_by"], "watch");
  EXPECT_EQ(client("linger")["set_at"], nlohmann::json({"after connect"}));
  EXPECT_EQ(client("sndtimeo")["set_by"], "library");
}

TEST_F(ExplainEngine, ValuesThatTheEngineCannotSet) {
  const nlohmann::json rate = option("[sockopt]\nmax_pacing_rate = 5G\n", "max_pacing_rate");
  EXPECT_EQ(rate["set_by"], "watch");
  EXPECT_EQ(rate["limit"], "max_pacing_rate = 5120M: the bpf engine cannot set this value");
  EXPECT_EQ(option("[sockopt]\nraw.6.27 = 1\n", "raw.6.27")["set_by"], "watch");
}

// Of python3 it is python3.11, of a script its interpreter.
TEST_F(ExplainEngine, ProgramsAreKnownByTheirExecutable) {
  const std::string script = directory_.write("server", "#!/bin/sh\n:\n", 0755);
  const std::string policy =
      "[rule a]\nprogram = server\nkeepidle = 60s\n[rule b]\nprogram = " + script +
      "\nkeepcnt = 3\n[rule c]\nprogram = dash, bash, busybox\n"
      "nodelay = on\n";
  EXPECT_TRUE(option(policy, "keepidle", {"--program", script}).is_null());
  EXPECT_TRUE(option(policy, "keepcnt", {"--program", script}).is_null());
  EXPECT_FALSE(option(policy, "nodelay", {"--program", script}).is_null());
  EXPECT_TRUE(contains(explain(policy, {"--program", script}).output,
                       "[b]: `program = " + script + "` matches nothing here"));
}

TEST(CheckEngine, PlacesWhatIsNotSet) {
  const TemporaryDirectory directory;
  Command started = command({"check", "--engine", "bpf", "sockopt.ini"});
  started.directory = directory.path();
  directory.write("sockopt.ini",
                  "[sockopt]\nkeepalive = on\nbacklog = 9\n[rule a]\nconnect = *:1\nsndtimeo = 5s\n"
                  "[rule b]\nprogram = /usr/bin/x\nnodelay = on\n");
  const Finished finished = run(started);
  EXPECT_EQ(status(finished), 0);
  EXPECT_TRUE(contains(finished.output,
                       "sockopt.ini:3:1: note: backlog: the bpf engine does not "
                       "set it; sockopt watch sets it, as long as it runs\n"))
      << finished.output;
  EXPECT_TRUE(contains(finished.output,
                       "sockopt.ini:6:1: warning: sndtimeo: the bpf engine does "
                       "not set it; only the library sets it"));
  EXPECT_TRUE(contains(finished.output,
                       "sockopt.ini:7:1: warning: [b]: `program = /usr/bin/x` "
                       "matches nothing here"));
  EXPECT_TRUE(contains(finished.output, "4 settings, no errors, 2 warnings"));
  started.argv[3] = "preload";
  EXPECT_FALSE(contains(run(started).output, "bpf"));
}

TEST(CheckEngine, AnEngineThatIsNone) {
  for (const std::string verb : {"check", "explain"}) {
    const Finished finished = sockopt({verb, "--engine", "xdp"});
    EXPECT_EQ(status(finished), 2);
    EXPECT_TRUE(contains(finished.error, "--engine xdp: takes preload or bpf")) << finished.error;
  }
}

}  // namespace
}  // namespace sockopt::test
