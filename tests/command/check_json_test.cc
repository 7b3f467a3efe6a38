// SPDX-License-Identifier: MIT
//
// `sockopt check --json`: the same findings as for people, under keys that stay.
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "tests/support/sockopt_command.h"
#include "tests/support/temporary_directory.h"

namespace sockopt::test {
namespace {

using OrderedJson = nlohmann::ordered_json;

class CheckJson : public testing::Test {
 protected:
  OrderedJson check(std::vector<std::string> more, int expected_status,
                    const Environment& variables = {}) {
    more.insert(more.begin(), {"check", "--json"});
    const Finished finished = sockopt(more, variables);
    EXPECT_EQ(status(finished), expected_status) << finished.error;
    OrderedJson json = OrderedJson::parse(finished.output, nullptr, false);
    EXPECT_TRUE(json.is_object()) << finished.output;
    return json;
  }

  static std::vector<std::string> keys(const OrderedJson& object) {
    std::vector<std::string> all;
    for (const auto& [key, value] : object.items()) all.push_back(key);
    return all;
  }

  std::string file(const std::string& name, const std::string& text) {
    return directory_.write(name, text);
  }

  TemporaryDirectory directory_;
};

TEST_F(CheckJson, Schema) {
  const OrderedJson json = check({file("a.ini", "[sockopt]\nkeepidle = 60s\nkeepidel = 1\n")}, 1);
  EXPECT_EQ(keys(json), (std::vector<std::string>{"schema", "host", "files", "findings", "errors",
                                                  "warnings", "notes"}));
  EXPECT_EQ(json["schema"], "sockopt.check/2");
  ASSERT_EQ(json["files"].size(), 1U);
  EXPECT_EQ(keys(json["files"][0]), (std::vector<std::string>{"file", "settings"}));
  ASSERT_EQ(json["findings"].size(), 2U);
  for (const OrderedJson& finding : json["findings"]) {
    EXPECT_EQ(keys(finding), (std::vector<std::string>{"level", "topic", "file", "line", "column",
                                                       "length", "what", "fix"}));
  }
}

TEST_F(CheckJson, SaysWhatAndWhere) {
  const std::string path = file("a.ini", "[sockopt]\nkeepidle = 60s\nkeepidel = 1\n");
  const OrderedJson json = check({path}, 1);
  EXPECT_EQ(json["files"][0], (OrderedJson{{"file", path}, {"settings", 1}}));
  const OrderedJson& warning = json["findings"][0];
  EXPECT_EQ(warning["level"], "warning");
  EXPECT_EQ(warning["line"], 2);
  const OrderedJson& error = json["findings"][1];
  EXPECT_EQ(error["file"], path);
  EXPECT_EQ(error["line"], 3);
  EXPECT_EQ(error["column"], 1);
  EXPECT_EQ(error["length"], 8);
  EXPECT_EQ(error["level"], "error");
  EXPECT_EQ(error["what"], "unknown option `keepidel`; did you mean `keepidle`?");
  EXPECT_EQ(json["errors"], 1);
  EXPECT_EQ(json["warnings"], 1);
  EXPECT_EQ(json["notes"], 0);
}

TEST_F(CheckJson, HasNullForAWholeFile) {
  const std::string path = file("a.ini", "[sockopt]\nmark = 1\n");
  ASSERT_EQ(chmod(path.c_str(), 0666), 0);
  const OrderedJson json = check({path}, 1);
  EXPECT_EQ(json["notes"], 1);
  const OrderedJson& error = json["findings"][0];
  EXPECT_EQ(error["level"], "error");
  EXPECT_TRUE(error["line"].is_null() && error["column"].is_null());
}

TEST_F(CheckJson, HasFilesThatCannotBeRead) {
  const std::string missing = directory_ / "missing.ini";
  const std::string good = file("good.ini", "[sockopt]\nnodelay = on\n");
  const OrderedJson json = check({missing, good}, 2);
  ASSERT_EQ(json["files"].size(), 2U);
  EXPECT_EQ(json["files"][0]["file"], missing);
  EXPECT_TRUE(json["files"][0]["settings"].is_null());
  EXPECT_EQ(json["files"][1], (OrderedJson{{"file", good}, {"settings", 1}}));
  ASSERT_EQ(json["findings"].size(), 1U);
  EXPECT_EQ(json["findings"][0]["file"], missing);
  EXPECT_EQ(json["findings"][0]["level"], "error");
  EXPECT_EQ(json["errors"], 1);
}

TEST_F(CheckJson, ObeysStrictAndReadsWhatIsInForce) {
  const std::string path = file("a.ini", "[sockopt]\nkeepidle = 60s\n");
  const Environment named = {{"SOCKOPT_CONFIG", path}};
  EXPECT_EQ(check({}, 0, named)["warnings"], 1);
  EXPECT_EQ(check({"--strict"}, 1, named)["findings"][0]["file"], path);
  EXPECT_EQ(check({file("b.ini", "[sockopt]\nnodelay = on\n")}, 0)["findings"],
            OrderedJson::array());
}

}  // namespace
}  // namespace sockopt::test
