// SPDX-License-Identifier: MIT
//
// Policies that nobody has thought of, under both engines: a program with sockets of every kind,
// some of which it sets options on itself, must find the same values at every step.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bpf/engine_host.h"
#include "tests/support/rule_file.h"

namespace sockopt::test {
namespace {

class Dice {
 public:
  explicit Dice(unsigned seed) : engine_(seed) {}

  unsigned below(unsigned end) { return static_cast<unsigned>(engine_() % end); }
  bool shows(unsigned of_hundred) { return below(100) < of_hundred; }
  std::string one_of(const std::vector<std::string>& all) {
    return all[below(static_cast<unsigned>(all.size()))];
  }

 private:
  std::mt19937 engine_;
};

struct Named {
  const char* key;
  const char* option;
  unsigned most;
  const char* unit = "";
};
constexpr Named kNamed[] = {
    {"keepidle", "TCP_KEEPIDLE", 99, "s"},
    {"keepintvl", "TCP_KEEPINTVL", 99, "s"},
    {"user_timeout", "TCP_USER_TIMEOUT", 99, "s"},
    {"keepcnt", "TCP_KEEPCNT", 20},
    {"nodelay", "TCP_NODELAY", 2},
    {"keepalive", "SO_KEEPALIVE", 2},
    {"reuseaddr", "SO_REUSEADDR", 2},
    {"reuseport", "SO_REUSEPORT", 2},
    {"priority", "SO_PRIORITY", 7},
    {"tos", "IP_TOS", 4},
};

std::string value(Dice& dice, const Named& named) {
  if (dice.shows(12)) return "default";
  if (dice.shows(8)) return "ignore";
  if (std::string_view(named.key) == "tos") return std::to_string(8 * dice.below(named.most));
  if (named.most == 2) return dice.below(2) == 0 ? "off" : "on";
  const unsigned least = std::string_view(named.key) == "priority" ? 0 : 1;
  return std::to_string(least + dice.below(named.most - least));
}

std::string settings(Dice& dice) {
  std::string text;
  while (text.empty()) {
    for (const Named& named : kNamed) {
      if (!dice.shows(30)) continue;
      const std::string given = value(dice, named);
      const std::string unit = given[0] < 'A' ? named.unit : "";
      text += std::string(named.key) + " = " + given + unit + "\n";
    }
  }
  return (dice.shows(30) ? "enforce = yes\n" : "") + text;
}

std::string policy(Dice& dice) {
  const std::vector<std::string> addresses = {
      "127.1.1.1", "127.1.1.2",  "127.1.0.0/16", "127.0.0.0/8", "*",       "0.0.0.0",
      "127.1.2.1", "!127.1.1.2", "!1-65535",     "[::1]",       "1-65535", "0.0.0.0/0"};
  const std::vector<std::string> programs = {"actor",  "act*", "!actor",   "nginx",
                                             "!nginx", "*",    "[a-c]ct?r"};
  std::string text = dice.shows(70) ? "[sockopt]\n" + settings(dice) : "";
  for (unsigned rule = 1 + dice.below(12); rule > 0; --rule) {
    text += "[rule " + std::to_string(rule) + "]\n";
    const std::string side = dice.one_of({"listen", "connect", ""});
    if (!side.empty())
      text += side + " = " + dice.one_of(addresses) + ", " + dice.one_of(addresses) + "\n";
    if (side.empty() || dice.shows(30)) text += "program = " + dice.one_of(programs) + "\n";
    text += settings(dice);
  }
  return text;
}

// Sets an option here and there, and reads all of them after each step.
class Play {
 public:
  explicit Play(Dice& dice) : dice_(dice) {}

  Script script() {
    const std::vector<std::string> addresses = {"127.1.1.1", "127.1.1.2", "127.1.2.1", "0.0.0.0"};
    for (std::size_t i = 0; i < addresses.size(); ++i) {
      const std::string l = "l" + std::to_string(i);
      open(l);
      step("bind " + l + " " + addresses[i], l);
      step("listen " + l + " 5", l);
    }
    open("u");
    step("listen u 5", "u");
    for (const std::string l : {"l0", "l1", "l2", "l3", "u"}) {
      const std::string c = "c" + l;
      open(c);
      // To the wildcard it would connect to itself.
      if (dice_.shows(30) && l < "l3") step("bind " + c + " 127.1.1.1", c);
      step("connect " + c + " " + l, c);
      step("accept a" + l + " " + l, "a" + l);
    }
    return std::move(script_);
  }

 private:
  void open(const std::string& name) {
    script_.push_back("socket " + name + " inet");
    set(name);
  }
  void step(const std::string& words, const std::string& name) {
    script_.push_back(words);
    set(name);
    for (const Named& named : kNamed) {
      // On what connects, what has to precede bind is of no more use.
      const bool is_early = std::string_view(named.key).starts_with("reuse");
      if (!is_early || name[0] != 'c') {
        script_.push_back("get " + name + " " + named.option);
      }
    }
  }
  void set(const std::string& name) {
    for (const Named& named : kNamed) {
      // Of these, the kernel makes the other one, too.
      if (std::string_view(named.key) == "tos" || std::string_view(named.key) == "priority")
        continue;
      if (!dice_.shows(8)) continue;
      const unsigned number = 1 + dice_.below(named.most == 2 ? 1 : named.most - 1);
      script_.push_back("set " + name + " " + named.option + " " + std::to_string(number));
    }
  }

  Dice& dice_;
  Script script_;
};

TEST(SamePolicy, UnderBothEngines) {
  SOCKOPT_NEEDS_ENGINE();
  constexpr unsigned kPolicies = 10;
  const TestCgroup cgroup;
  for (unsigned seed = 1; seed <= kPolicies; ++seed) {
    Dice dice(seed);
    const std::string text = policy(dice);
    const Script script = Play(dice).script();
    const RuleFile rules(text);
    const Played expected = play(script, rules.environment());
    const Finished attached =
        sockopt({"attach", "-c", rules.directory() / "sockopt.ini", "--cgroup", cgroup.path()});
    ASSERT_TRUE(attached.success()) << attached.error << text;
    const Played found = play(cgroup.inside(actor(script, plain_environment())));
    ASSERT_EQ(found.lines.size(), expected.lines.size());
    std::string before;
    for (std::size_t i = 0; i < found.lines.size(); ++i) {
      ASSERT_EQ(found.lines[i], expected.lines[i]) << seed << ", after\n"
                                                   << before << "under\n"
                                                   << text;
      if (!found.lines[i].starts_with("get ")) before += found.lines[i] + "\n";
    }
  }
}

}  // namespace
}  // namespace sockopt::test
