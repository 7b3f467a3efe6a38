// SPDX-License-Identifier: MIT
//
// A hundred random units with drop-ins in every directory, aliases, templates, quotes, escapes
// and resets: we read the same files in the same order, and the same environment, as systemd does.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/support/requirements.h"
#include "tests/support/units/systemd_dump.h"
#include "tests/support/units/unit_tree.h"

namespace sockopt::test {
namespace {

class RandomUnits {
 public:
  explicit RandomUnits(unsigned seed) : random_(seed) {}

  unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }

  template <typename List>
  auto one_of(const List& list) {
    return list[below(static_cast<unsigned>(std::size(list)))];
  }

  std::string value() {
    static const std::string kPieces[] = {"a",   "/lib/x.so", ":", "=",       "\\s", "\\\\",
                                          "'",   "\"",        " ", "\\x41",   "\\q", "\\101",
                                          "b c", "\\\"",      "#", "\\u00e4", "\\t", "%%"};
    std::string text;
    for (unsigned i = below(5); i > 0; --i) text += one_of(kPieces);
    return text;
  }

  std::string environment_line() {
    static const std::string kNames[] = {"A", "B", "C", "LD_PRELOAD"};
    static const std::string kQuotes[] = {"", "", "\"", "'"};
    if (below(8) == 0) return "Environment=\n";
    std::string line = "Environment=";
    for (unsigned i = below(3) + 1; i > 0; --i) {
      const std::string quote = one_of(kQuotes);
      line += quote + one_of(kNames) + "=" + value() + quote;
      line += below(6) == 0 ? " \\\n  " : " ";
    }
    return line + "\n";
  }

  std::string text() {
    std::string text = "[Service]\nType=simple\n";
    for (unsigned i = below(4); i > 0; --i) text += environment_line();
    if (below(6) == 0) text += "# Environment=A=comment \\\n";
    return text;
  }

 private:
  std::mt19937 random_;
};

// A few units of a random tree, all asked for at once: starting systemd is what takes the time.
void compare_units(unsigned seed) {
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  RandomUnits random(seed);
  UnitTree tree;
  static const std::string kDirectories[] = {"/etc/systemd/system", "/run/systemd/system",
                                             "/usr/local/lib/systemd/system",
                                             "/usr/lib/systemd/system"};
  static const std::string kNames[] = {"a.service", "a-b-c.service", "t@x.service",
                                       "t-u@y.service"};
  static const std::string kFiles[] = {"a.service", "a-b-c.service", "t@.service", "t-u@.service",
                                       "t@x.service"};
  static const std::string kDropIns[] = {"a.service",    "a-b-c.service", "a-b-.service",
                                         "a-.service",   "t@.service",    "t@x.service",
                                         "t-u@.service", "t-u@y.service", "t-@.service",
                                         "t-@y.service", "service",       "alias.service"};
  static const std::string kConf[] = {"10.conf", "50.conf", "override.conf", "zz.conf"};
  for (const std::string& file : kFiles) {
    if (file == "t@x.service" && random.below(2) == 0) continue;
    tree.write(random.one_of(kDirectories) + "/" + file,
               random.text() + "ExecStart=/bin/sleep 1\n");
  }
  if (random.below(2) == 0) tree.link("/etc/systemd/system/alias.service", "a.service");
  for (unsigned i = random.below(25); i > 0; --i) {
    tree.write(
        random.one_of(kDirectories) + "/" + random.one_of(kDropIns) + ".d/" + random.one_of(kConf),
        random.text());
  }

  const std::vector<std::string> names(std::begin(kNames), std::end(kNames));
  const auto dumps = ask_systemd(tree, names);
  for (const std::string& name : names) {
    SCOPED_TRACE(name);
    ASSERT_TRUE(dumps.contains(name));
    const SystemdDump& dump = dumps.at(name);
    const SystemdUnit unit = tree.load(name);
    EXPECT_EQ(dump.sorted("Fragment Path"), std::vector<std::string>{unit.path});
    const auto drop_ins = dump.properties.find("DropIn Path");
    EXPECT_EQ(drop_ins == dump.properties.end() ? std::vector<std::string>() : drop_ins->second,
              unit.drop_ins);
    // systemd prints the environment with its specifiers expanded, of which there is but `%%`.
    std::vector<std::string> ours = tree.environment(name);
    for (std::string& line : ours) {
      for (auto at = line.find("%%"); at != std::string::npos; at = line.find("%%", at + 1)) {
        line.erase(at, 1);
      }
    }
    std::sort(ours.begin(), ours.end());
    EXPECT_EQ(dump.sorted("Environment"), ours);
  }
}

TEST(SameAsSystemd, RandomUnits) {
  if (const std::string why = no_systemd(); !why.empty()) GTEST_SKIP() << why;
  SOCKOPT_NEEDS_ROOT("to start systemd as nobody");
  for (unsigned seed = 1; seed <= 25 && !HasFailure(); ++seed) compare_units(seed);
}

}  // namespace
}  // namespace sockopt::test
