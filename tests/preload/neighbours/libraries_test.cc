// SPDX-License-Identifier: MIT
//
// Other libraries that are preloaded, before or behind this one: each does what it does, and the
// options are there.
#include <gtest/gtest.h>

#include "tests/support/facts.h"
#include "tests/support/paths.h"

namespace sockopt::test {
namespace {

struct Other {
  const char* name;
  const char* library;
  Environment environment{};  // what it needs to let the program do what it does
};
void PrintTo(const Other& other, std::ostream* out) { *out << other.name; }

// torsocks is told not to look at connections within the host: there is no tor here. It takes the C
// library's functions from a handle of that library: in front of libsockopt.so, it bypasses it.
const Other kNeighbours[] = {
    {"eatmydata", "libeatmydata.so"},
    {"torsocks",
     "torsocks/libtorsocks.so",
     {{"TORSOCKS_ALLOW_INBOUND", "1"}, {"TORSOCKS_LOG_LEVEL", "1"}}},
    {"keepalive", "libkeepalive.so", {{"KEEPINTVL", "33"}}},
    {"jemalloc", "libjemalloc.so.2"},
    {"tcmalloc", "libtcmalloc_minimal.so.4"},
};

class Beside : public ::testing::TestWithParam<Other> {
 protected:
  void SetUp() override {
    other_ = system_library(GetParam().library);
    if (other_.empty()) GTEST_SKIP() << GetParam().library << " is not installed";
    environment_ = GetParam().environment;
    if (std::string(GetParam().name) == "torsocks") {
      environment_["TORSOCKS_CONF_FILE"] =
          directory_.write("torsocks.conf", "AllowOutboundLocalhost 1\nAllowInbound 1\n");
    }
  }

  Environment with(const std::vector<std::string>& libraries, const Environment& settings) const {
    Environment all = preloading(libraries, settings);
    all.insert(environment_.begin(), environment_.end());
    return all;
  }

  bool bypassed_by(const std::vector<std::string>& libraries) const {
    return std::string(GetParam().name) == "torsocks" && libraries.front() == other_;
  }

  std::string other_;
  Environment environment_;
  TemporaryDirectory directory_;
};

TEST_P(Beside, BothDoTheirWork) {
  const Script script =
      "listener l; client c l; accept a l; socket s inet; connect s l; "
      "set s TCP_KEEPCNT 7; get s TCP_KEEPCNT; open-descriptors";
  const Played alone = play(script, with({other_}, {}));
  for (const auto& libraries : both_orders(other_)) {
    const Environment settings = {{"KEEPIDLE", "61s"}, {"BACKLOG", "1024"}, {"LOG", "info"}};
    EXPECT_EQ(play(script, with(libraries, settings)).lines, alone.lines);
    if (bypassed_by(libraries)) continue;
    Script reading = "backlog l = 1024; get a TCP_KEEPIDLE = 61; get s TCP_KEEPIDLE = 61";
    if (std::string(GetParam().name) == "keepalive") {
      reading = reading + "get s TCP_KEEPINTVL = 33; get s SO_KEEPALIVE = 1";
    }
    const Played played = play(script + reading, with(libraries, settings));
    EXPECT_NE(played.error().find("keepidle = 61s"), std::string::npos) << played.error();
  }
}

TEST_P(Beside, InThreads) {
  for (const auto& libraries : both_orders(other_)) {
    const Facts facts =
        facts_of({victim("storm"), "16", "8"}, with(libraries, {{"KEEPIDLE", "61s"}}));
    EXPECT_EQ(facts.number("failures"), 0);
    if (bypassed_by(libraries)) continue;
    EXPECT_EQ(facts.number("lacking"), 0);
    EXPECT_EQ(facts.number("own-lost"), 0);
  }
}

INSTANTIATE_TEST_SUITE_P(, Beside, ::testing::ValuesIn(kNeighbours), by_name);

// Linked in a namespace of the linker's in which the library is not, or before it: not reached, as
// the manual says, and unharmed. Its sockets are met where the program itself uses them.
class Namespaces : public ::testing::TestWithParam<const char*> {};

TEST_P(Namespaces, AreNotReachedAndNotHarmed) {
  const std::vector<std::string> argv = {victim("namespaces"), GetParam(), victim("libopener.so")};
  const Facts without = facts_of(argv, plain_environment());
  const Facts with = facts_of(argv, variables({{"KEEPIDLE", "61s"}}));
  for (const char* fact : {"errno", "keepidle", "bind", "listen", "closed"}) {
    EXPECT_EQ(with[fact], without[fact]) << fact;
  }
  EXPECT_EQ(with["listener"], "61");
  EXPECT_EQ(with["accepted"], "61");
  EXPECT_EQ(with["later"], "61");
}

INSTANTIATE_TEST_SUITE_P(, Namespaces, ::testing::Values("deepbind", "dlmopen"),
                         [](const auto& how) { return std::string(how.param); });

// A second copy, of another version perhaps: in LD_PRELOAD, or loaded by the program later on.
class SecondCopy : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::copy_file(library(), copy_); }
  TemporaryDirectory directory_;
  std::filesystem::path copy_ = directory_ / "libsockopt.so";
};

TEST_F(SecondCopy, InThreads) {
  const Facts facts = facts_of({victim("storm"), "16", "8"},
                               preloading({library(), copy_, victim("libcounting.so")},
                                          {{"KEEPIDLE", "61s"}, {"PRIORITY", "4"}}));
  EXPECT_EQ(facts.number("lacking"), 0);
  EXPECT_EQ(facts.number("failures"), 0);
  EXPECT_EQ(facts.number("own-lost"), 0);
  EXPECT_EQ(facts.number("strangers-touched"), 0);
}

TEST_F(SecondCopy, LoadedLater) {
  const Facts facts = facts_of({victim("namespaces"), "shim", copy_},
                               variables({{"KEEPIDLE", "61s"}, {"BACKLOG", "1024"}}));
  EXPECT_EQ(facts["errno"], "4242");
  EXPECT_EQ(facts["keepidle"], "61");
  EXPECT_EQ(facts["accepted"], "61");
  EXPECT_EQ(facts["closed"], "0");
  EXPECT_EQ(facts["later"], "61");
}

TEST_F(SecondCopy, InANamespaceOfTheLinkersOwn) {
  const Facts facts =
      facts_of({victim("namespaces"), "dlmopen-shim", copy_}, variables({{"KEEPIDLE", "61s"}}));
  EXPECT_EQ(facts["listener"], "61");
  EXPECT_EQ(facts["later"], "61");
}

}  // namespace
}  // namespace sockopt::test
