// SPDX-License-Identifier: MIT
//
// Rule sections of one file: what makes a rule, what makes it void, which line of it wins, and the
// answers to what does not belong there.
#include <memory>

#include "shim/options/lookup.h"
#include "shim/policy/plan.h"
#include "shim/policy/preset.h"
#include "tests/support/configuration.h"
#include "tests/unit/policy/addresses.h"

namespace sockopt::test {
namespace {

// What a listener on `where` gets for the key, of a program called nginx.
std::string listening(const Configuration& read, std::string_view where, std::string_view key) {
  const auto program = std::make_unique<Program>();
  program->set("/usr/sbin/nginx", {}, {});
  const auto plan = std::make_unique<Plan>();
  plan->make(read.policy(), *program);
  Decision decision;
  plan->decide(Side::kListen, address_of(where), decision);
  const OptionId id = find_option(key);
  if (!decision.wanted.contains(id)) return "-";
  TextOf<100> text;
  format_value(read.policy().option(id), decision.settings[id]->value, text);
  return std::string(text.view()) + (decision.enforced.contains(id) ? "!" : "");
}

// Every key with a sound value, so that none is forgotten.
class EveryKey : public ::testing::TestWithParam<std::size_t> {};

TEST_P(EveryKey, MayStandInARule) {
  const Row& row = kRows[GetParam()];
  const std::string line = std::string(row.option.key) + " = " + std::string(row.manual.example);
  const Configuration read("[rule web]\nlisten = 80\nenforce = yes\n" + line + "\n");
  EXPECT_EQ(read.faults(), std::vector<std::string>{});
  EXPECT_NE(listening(read, "0.0.0.0:80", row.option.key), "-");
  EXPECT_TRUE(listening(read, "0.0.0.0:80", row.option.key).ends_with("!"));
  EXPECT_EQ(listening(read, "0.0.0.0:81", row.option.key), "-");
}

TEST_P(EveryKey, TwiceInOneRuleTheFirstHolds) {
  const Row& row = kRows[GetParam()];
  const std::string key(row.option.key);
  const std::string line = key + " = " + std::string(row.manual.example);
  const Configuration read("[rule web]\nlisten = 80\n" + line + "\n" + key + " = default\n");
  EXPECT_EQ(read.fault(), "sockopt.ini:4:1+" + std::to_string(key.size()) + ": " + key +
                              " is already set in line 3; this line is ignored");
  EXPECT_NE(listening(read, "0.0.0.0:80", key), "-");
}

// A rule for everything between two others: it wins over the one before it alone.
TEST_P(EveryKey, IsWonByTheLastRuleThatMatches) {
  const Row& row = kRows[GetParam()];
  const std::string key(row.option.key);
  const std::string line = key + " = " + std::string(row.manual.example) + "\n";
  const Configuration read("[rule a]\nlisten = 80\n" + line + "[sockopt]\n" + key +
                           " = default\n[rule b]\nlisten = 81\n" + line);
  EXPECT_EQ(listening(read, "0.0.0.0:80", key), "-");
  EXPECT_NE(listening(read, "0.0.0.0:81", key), "-");
}

// No address can decide what is settled as the socket is opened.
std::vector<std::size_t> rows_that_addresses_decide() {
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < kRows.size(); ++row) {
    if (kRows[row].option.hook_points != kInSocket) rows.push_back(row);
  }
  return rows;
}

INSTANTIATE_TEST_SUITE_P(, EveryKey, ::testing::ValuesIn(rows_that_addresses_decide()),
                         [](const auto& row) {
                           return std::string(kRows[row.param].option.key.view());
                         });

class EveryPreset : public ::testing::TestWithParam<std::size_t> {
 protected:
  const Preset& preset() const { return kPresets[GetParam()]; }
  std::string header() const { return "[rule web]\nlisten = 80\n"; }
};

TEST_P(EveryPreset, IsItsListOfSettings) {
  const Configuration read(header() + "preset = " + std::string(preset().name) + "\n");
  EXPECT_EQ(read.faults(), std::vector<std::string>{});
  for (const PresetSetting& setting : preset().settings()) {
    EXPECT_EQ(listening(read, "0.0.0.0:80", setting.key),
              listening(Configuration("[sockopt]\n" + std::string(setting.key) + " = " +
                                      std::string(setting.value) + "\n"),
                        "0.0.0.0:80", setting.key));
    EXPECT_EQ(listening(read, "0.0.0.0:81", setting.key), "-");
  }
}

TEST_P(EveryPreset, LosesToEachLineOfItsSectionAboveOrBelow) {
  const std::string line = "preset = " + std::string(preset().name) + "\n";
  for (const PresetSetting& setting : preset().settings()) {
    const std::string own = std::string(setting.key) + " = default\n";
    for (const std::string& body : {own + line, line + own}) {
      const Configuration read(header() + body);
      EXPECT_EQ(read.faults(), std::vector<std::string>{});
      for (const PresetSetting& each : preset().settings()) {
        EXPECT_EQ(listening(read, "0.0.0.0:80", each.key) == "-", each.key == setting.key)
            << each.key.view() << "\n"
            << body;
      }
    }
  }
}

TEST_P(EveryPreset, OfALaterRuleWinsOverLinesOfAnEarlierOne) {
  const PresetSetting& setting = preset().settings()[0];
  const Configuration read("[sockopt]\n" + std::string(setting.key) + " = default\n" + header() +
                           "enforce = yes\npreset = " + std::string(preset().name) + "\n");
  EXPECT_TRUE(listening(read, "0.0.0.0:80", setting.key).ends_with("!"));
  EXPECT_EQ(listening(read, "0.0.0.0:81", setting.key), "-");
}

INSTANTIATE_TEST_SUITE_P(, EveryPreset, ::testing::Range(std::size_t{0}, kPresets.size()),
                         [](const auto& row) {
                           std::string name(kPresets[row.param].name.view());
                           for (char& c : name) c = c == '-' ? '_' : c;
                           return name;
                         });

// One broken pattern among good ones: the rule could match more than was meant, so it is void.
TEST(VoidRules, OneBadPatternIsEnoughWhereverItStands) {
  for (const std::string lines :
       {"listen = 80, nowhere", "listen = nowhere, 80", "listen = 80\nlisten = nowhere",
        "listen = 80, !nowhere", "listen = 80\nprogram = [nginx", "listen = 80\nprogram = nginx,,x",
        "program = nginx\nlisten =", "program = nginx\nlisten = 80\nconnect = 81",
        "program = nginx\nlisten = 80\nconnect =", "listen = 80, 10.0.0.1/8"}) {
    for (const bool above : {true, false}) {
      const std::string rule = above ? "[rule a]\nkeepidle = 9s\n" + lines + "\n"
                                     : "[rule a]\n" + lines + "\nkeepidle = 9s\n";
      const Configuration read("[sockopt]\nkeepidle = 60s\n" + rule +
                               "[rule b]\nlisten = 80\nkeepcnt = 3\n");
      EXPECT_FALSE(read.faults().empty()) << lines;
      for (const std::string& fault : read.faults()) {
        EXPECT_NE(fault.find("; the rule is ignored"), std::string::npos) << fault;
      }
      EXPECT_EQ(listening(read, "0.0.0.0:80", "keepidle"), "60s") << lines;
      EXPECT_EQ(listening(read, "0.0.0.0:81", "keepidle"), "60s") << lines;
      EXPECT_EQ(listening(read, "0.0.0.0:80", "keepcnt"), "3") << "the next rule is untouched";
    }
  }
}

TEST(VoidRules, AFaultInASettingLeavesTheRule) {
  const Configuration read("[rule a]\nlisten = 80\nkeepidle = soon\nkeepcnt = 3\nnonsense = 1\n");
  EXPECT_EQ(read.faults().size(), 2u);
  EXPECT_EQ(listening(read, "0.0.0.0:80", "keepidle"), "-");
  EXPECT_EQ(listening(read, "0.0.0.0:80", "keepcnt"), "3");
}

TEST(VoidRules, WithoutAMatchKey) {
  const Configuration read("[rule a]\nkeepidle = 9s\n[rule b]\nenforce = yes\npreset = balanced\n");
  EXPECT_EQ(read.faults().size(), 2u);
  for (const std::string& fault : read.faults()) {
    EXPECT_NE(fault.find("a rule needs `program`, `listen` or `connect`"), std::string::npos);
  }
  EXPECT_EQ(listening(read, "0.0.0.0:80", "keepidle"), "-");
  EXPECT_EQ(listening(read, "0.0.0.0:80", "keepalive"), "-");
}

struct Answer {
  std::string_view line;
  std::string_view said;
};

TEST(Sections, EveryWrongKeyHasItsAnswer) {
  const Answer in_a_rule[] = {
      {"log = debug", "log = debug: allowed in `[sockopt]` only"},
      {"listens = 80", "unknown key `listens`; did you mean `listen`?"},
      {"Listen = 80", "unknown key `Listen`; did you mean `listen`?"},
      {"conect = 80", "unknown key `conect`; did you mean `connect`?"},
      {"programs = nginx", "unknown key `programs`; did you mean `program`?"},
      {"enforced = yes", "unknown key `enforced`; did you mean `enforce`?"},
      {"presets = balanced", "unknown key `presets`; did you mean `preset`?"},
      {"tcp_keepalive_time = 60", "unknown option `tcp_keepalive_time`; did you mean `keepidle`?"},
      {"TCP_NODELAY = on", "unknown option `TCP_NODELAY`; did you mean `nodelay`?"},
      {"backlogs = 5", "unknown option `backlogs`; did you mean `backlog`?"},
      {"so_keepalive = on", "unknown option `so_keepalive`; did you mean `keepalive`?"},
      {"colour = red", "unknown option `colour`; `sockopt options` lists them all"},
      {"enforce = perhaps", "enforce = perhaps: takes on|off"},
      {"enforce =", "enforce = : needs a value; takes on|off"},
      {"preset = fast", "preset = fast: takes balanced|low-latency|high-throughput|dead-peer"},
  };
  for (const Answer& answer : in_a_rule) {
    const Configuration read("[rule web]\nlisten = 80\n" + std::string(answer.line) + "\n");
    EXPECT_NE(read.fault().find(answer.said), std::string::npos)
        << read.fault() << "\nexpected: " << answer.said;
  }
  for (const std::string key : {"program", "listen", "connect"}) {
    const Configuration read("[sockopt]\n" + key + " = 80\nkeepidle = 9s\n");
    EXPECT_NE(read.fault().find("`" + key + "` belongs in a `[rule NAME]`"), std::string::npos);
    EXPECT_EQ(listening(read, "0.0.0.0:1", "keepidle"), "9s") << "the base is still for all";
  }
}

TEST(Sections, KeysThatStandOnceAndKeysThatAddUp) {
  const Configuration read(
      "[rule web]\nlisten = 80\nlisten = 81\nprogram = a\nprogram = nginx\n"
      "enforce = yes\nenforce = no\npreset = balanced\npreset = dead-peer\n");
  ASSERT_EQ(read.faults().size(), 2u);
  EXPECT_NE(read.faults()[0].find("enforce is already set in line 6; this line is ignored"),
            std::string::npos);
  EXPECT_NE(read.faults()[1].find("preset is already set in line 8; this line is ignored"),
            std::string::npos);
  for (const std::string where : {"0.0.0.0:80", "0.0.0.0:81"}) {
    EXPECT_EQ(listening(read, where, "keepidle"), "180s!");
    EXPECT_EQ(listening(read, where, "user_timeout"), "-");
  }
}

}  // namespace
}  // namespace sockopt::test
