// SPDX-License-Identifier: MIT
//
// `sockopt explain --json`: the same answers as the table's, in the kernel's numbers, under keys
// that stay.
#include <nlohmann/json.hpp>

#include "shim/options/table.h"
#include "tests/support/sockopt_command.h"
#include "tests/support/temporary_directory.h"

namespace sockopt::test {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr char kPolicy[] =
    "[sockopt]\n"
    "keepalive = on\n"
    "keepidle = 61s\n"
    "linger = reset\n"
    "max_pacing_rate = 1M\n"
    "[rule web]\n"
    "listen = 80, 443\n"
    "backlog = 2000000000\n"
    "keepidle = 99s\n"
    "enforce = yes\n"
    "[rule admin]\n"
    "listen = 443\n"
    "keepalive = default\n"
    "keepidle = 100s\n"
    "priority = 3\n"
    "[rule database]\n"
    "connect = 192.0.2.0/24:5432\n"
    "tos = af21\n";

class ExplainJson : public testing::Test {
 protected:
  OrderedJson explain(std::vector<std::string> more, int expected_status = 0,
                      const Environment& variables = {}) {
    std::vector<std::string> arguments = {"explain", "--json", "-c", path_};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Finished finished = sockopt(arguments, variables);
    EXPECT_EQ(status(finished), expected_status) << finished.error;
    return OrderedJson::parse(finished.output, nullptr, false);
  }

  static std::vector<std::string> keys(const OrderedJson& object) {
    std::vector<std::string> all;
    for (const auto& [key, value] : object.items()) all.push_back(key);
    return all;
  }

  const std::string& path() const { return path_; }

 private:
  TemporaryDirectory directory_;
  std::string path_ = directory_.write("sockopt.ini", kPolicy);
};

TEST_F(ExplainJson, Schema) {
  const OrderedJson json = explain({"--program", "nosuchd", "--listen", "0.0.0.0:443"});
  EXPECT_EQ(keys(json),
            (std::vector<std::string>{"schema", "host", "program", "side", "address", "engine",
                                      "options", "syscalls_per_connection", "no_match", "faults"}));
  EXPECT_EQ(json["schema"], "sockopt.explain/1");
  EXPECT_EQ(json["program"], "nosuchd");
  EXPECT_EQ(json["side"], "listen");
  EXPECT_EQ(json["address"], "0.0.0.0:443");
  EXPECT_EQ(json["faults"], OrderedJson::array());
  ASSERT_FALSE(json["options"].empty());
  for (const auto& [key, option] : json["options"].items()) {
    SCOPED_TRACE(key);
    EXPECT_EQ(keys(option),
              (std::vector<std::string>{"value", "unit", "from", "overrides", "enforced", "set_at",
                                        "syscalls_per_connection", "here", "here_reason"}));
  }
}

TEST_F(ExplainJson, TheWinnerAndAllThatItOverridesTheStrongestFirst) {
  const OrderedJson keepidle = explain({"--listen", "0.0.0.0:443"})["options"]["keepidle"];
  EXPECT_EQ(keepidle["value"], 100);
  EXPECT_EQ(keepidle["unit"], "s");
  EXPECT_EQ(keepidle["from"], "sockopt.ini:14 [admin]");
  EXPECT_EQ(keepidle["overrides"], OrderedJson::parse(R"([{"value":99,"from":"sockopt.ini:9 [web]"},
                            {"value":61,"from":"sockopt.ini:3"}])"));
  EXPECT_EQ(keepidle["enforced"], false);
  EXPECT_EQ(keepidle["set_at"], OrderedJson::parse(R"(["listen"])"));
  EXPECT_EQ(keepidle["here"], 100);
}

TEST_F(ExplainJson, ADefaultIsNull) {
  const OrderedJson keepalive = explain({"--listen", "0.0.0.0:443"})["options"]["keepalive"];
  EXPECT_EQ(keepalive["value"], nullptr);
  EXPECT_EQ(keepalive["set_at"], OrderedJson::array());
  EXPECT_EQ(keepalive["here"], nullptr);
}

TEST_F(ExplainJson, WhatTheKernelMakesOfIt) {
  const OrderedJson options = explain({"--listen", "0.0.0.0:80", "-o", "rcvbuf=64K", "-o",
                                       "congestion=nosuch", "-o", "v6only=on"})["options"];
  EXPECT_EQ(options["rcvbuf"]["value"], 65536);
  EXPECT_EQ(options["rcvbuf"]["unit"], "bytes");
  EXPECT_EQ(options["rcvbuf"]["here"], 131072);
  EXPECT_EQ(options["rcvbuf"]["here_reason"], "128K (doubled)");
  EXPECT_EQ(options["backlog"]["enforced"], true);
  EXPECT_LT(options["backlog"]["here"], options["backlog"]["value"]);
  EXPECT_TRUE(contains(options["backlog"]["here_reason"], "net.core.somaxconn"));
  EXPECT_EQ(options["congestion"]["value"], "nosuch");
  EXPECT_EQ(options["congestion"]["here"], nullptr);
  EXPECT_TRUE(
      contains(options["congestion"]["here_reason"], "refused: not available in this kernel"));
  EXPECT_EQ(options["v6only"]["here"], nullptr);
  EXPECT_EQ(options["v6only"]["here_reason"], "refused: for IPv6 sockets only");
  EXPECT_EQ(options["linger"]["value"], 0) << "reset";
  EXPECT_EQ(options["max_pacing_rate"]["unit"], "bytes/s");
}

TEST_F(ExplainJson, WhatAConnectionCosts) {
  const OrderedJson json = explain({"--listen", "0.0.0.0:443"});
  EXPECT_EQ(json["options"]["priority"]["syscalls_per_connection"], 3);
  EXPECT_EQ(json["syscalls_per_connection"], 3);
}

TEST_F(ExplainJson, RulesWithoutASay) {
  const OrderedJson json = explain({"--connect", "192.0.2.7:5432"});
  EXPECT_EQ(json["side"], "connect");
  EXPECT_TRUE(json["options"].contains("tos"));
  EXPECT_EQ(json["no_match"][0], OrderedJson({{"rule", "web"},
                                              {"file", path()},
                                              {"line", 6},
                                              {"reason", "listen only"},
                                              {"fix", nullptr}}));
}

TEST_F(ExplainJson, WithoutAQuestionNothingIsKnownOfTheSocket) {
  const OrderedJson json = explain({});
  EXPECT_EQ(json["program"], nullptr);
  EXPECT_EQ(json["side"], nullptr);
  EXPECT_EQ(json["address"], nullptr);
}

TEST_F(ExplainJson, FaultsAreInItToo) {
  const OrderedJson json = explain({}, 1, {{"SOCKOPT_KEEPIDLE", "abc"}});
  ASSERT_EQ(json["faults"].size(), 1u);
  EXPECT_TRUE(contains(json["faults"][0], "takes 1s..32767s"));
  EXPECT_EQ(json["options"]["keepidle"]["value"], 61);
}

}  // namespace
}  // namespace sockopt::test
