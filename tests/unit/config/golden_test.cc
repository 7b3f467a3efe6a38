// SPDX-License-Identifier: MIT
//
// Every way in which a configuration can be wrong has its defined answer, in NAME.expected: the
// faults, and the settings that hold all the same.  golden/NAME.ini holds a file,
// golden/environment/NAME.variables the variables, one a line; for golden/load/NAME a function here
// makes a file or directory that no repository can hold.  tests/documentation/messages_test.cc
// proves that no message is missing.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "shim/config/environment.h"
#include "tests/support/configuration.h"
#include "tests/support/in_child.h"
#include "tests/support/paths.h"
#include "tests/support/requirements.h"
#include "tests/unit/config/loading.h"

namespace sockopt::test {
namespace {

const std::filesystem::path kFiles = source_directory() / "tests/unit/config/golden";
const std::filesystem::path kVariables = kFiles / "environment";
const std::filesystem::path kLoads = kFiles / "load";

std::vector<std::string> names_in(const std::filesystem::path& directory,
                                  std::string_view extension) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().extension() == extension) names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

void expect_golden(const std::filesystem::path& stem, const std::string& actual) {
  std::string expected = stem.string() + ".expected";
  ASSERT_TRUE(std::filesystem::exists(expected));
  // On 32-bit systems some ranges are smaller.
  if (sizeof(long) == 4 && std::filesystem::exists(expected + "32")) expected += "32";
  EXPECT_EQ(actual, read_file(expected));
}

class Golden : public testing::TestWithParam<std::string> {};

TEST_P(Golden, HasItsAnswer) {
  const std::string text = read_file(kFiles / (GetParam() + ".ini"));
  expect_golden(kFiles / GetParam(), Configuration(text, {}, GetParam() + ".ini").rendered());
}

INSTANTIATE_TEST_SUITE_P(Configuration, Golden, testing::ValuesIn(names_in(kFiles, ".ini")),
                         [](const auto& name) { return name.param; });

class GoldenVariables : public testing::TestWithParam<std::string> {};

TEST_P(GoldenVariables, HaveTheirAnswer) {
  const std::string text = read_file(kVariables / (GetParam() + ".variables"));
  const std::vector<std::string> variables = lines_of(text);
  FaultList faults;
  const bool disabled = is_disabled(Variables(variables).get(), faults.sink());
  std::string actual;
  for (const std::string& line : faults.lines()) (actual += line) += '\n';
  actual += Configuration("", variables).rendered();
  if (disabled) actual += "= disabled\n";
  expect_golden(kVariables / GetParam(), actual);
}

INSTANTIATE_TEST_SUITE_P(Configuration, GoldenVariables,
                         testing::ValuesIn(names_in(kVariables, ".variables")),
                         [](const auto& name) { return name.param; });

// Files and directories that are wrong as such.

struct Load {
  std::string name;
  bool needs_root;
  std::string (*faults)(Loading& loading);
  bool needs_user_namespace = false;
};

void PrintTo(const Load& load, std::ostream* out) { *out << load.name; }

std::string numbered(const std::string& before, int count, const std::string& behind) {
  std::string text;
  for (int i = 1; i <= count; ++i) text += before + std::to_string(i) + behind;
  return text;
}

// As user nobody, who may not do what root may.
std::string as_nobody(Loading& loading, const std::vector<std::string>& variables = {}) {
  EXPECT_EQ(seteuid(65534), 0);
  const std::string faults = loading.faults(variables);
  EXPECT_EQ(seteuid(0), 0);
  return faults;
}

std::string of_owner(Loading& loading, uid_t owner) {
  const auto file = loading.directory().write("sockopt.ini", "");
  EXPECT_EQ(chown(file.c_str(), owner, 0), 0);
  return loading.faults();
}

const Load kLoadsOf[] = {
    {"missing", false, [](Loading& l) { return l.faults({l.named("other.ini")}); }},
    {"relative", false, [](Loading& l) { return l.faults({"SOCKOPT_CONFIG=\x1b/sockopt.ini"}); }},
    {"directory", false,
     [](Loading& l) {
       std::filesystem::create_directory(l.default_file());
       return l.faults();
     }},
    {"fifo", false,
     [](Loading& l) {
       EXPECT_EQ(mkfifo(l.default_file().c_str(), 0600), 0);
       return l.faults();
     }},
    {"socket", false,
     [](Loading& l) {
       sockaddr_un address{};
       address.sun_family = AF_UNIX;
       l.default_file().string().copy(address.sun_path, sizeof address.sun_path - 1);
       const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
       EXPECT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
       const std::string faults = l.faults();
       close(fd);
       return faults;
     }},
    {"device", false, [](Loading& l) { return l.faults({"SOCKOPT_CONFIG=/dev/null"}); }},
    {"too_large", false,
     [](Loading& l) {
       const auto file = l.directory().write("sockopt.ini", "");
       EXPECT_EQ(truncate(file.c_str(), (1 << 20) + 1), 0);
       return l.faults();
     }},
    {"loop_of_links", false,
     [](Loading& l) {
       std::filesystem::create_symlink("sockopt.ini", l.default_file());
       return l.faults();
     }},
    {"group_can_write", false,
     [](Loading& l) {
       l.directory().write("sockopt.ini", "", 0664);
       return l.faults();
     }},
    {"anyone_can_write", false,
     [](Loading& l) {
       l.directory().write("sockopt.ini", "", 0646);
       return l.faults();
     }},
    {"of_another_user", true, [](Loading& l) { return of_owner(l, 1234); }},
    {"of_an_unmapped_user", true, [](Loading& l) { return of_owner(l, 65534); }},
    {"of_another_user_than_nobody", true,
     [](Loading& l) {
       of_owner(l, 1234);
       return as_nobody(l);
     }},
    {"of_a_user_unknown_here", true,
     [](Loading& l) {
       of_owner(l, 1234);
       return in_child([&] {
         EXPECT_EQ(setresuid(65534, 65534, 65534) + unshare(CLONE_NEWUSER), 0);
         return l.faults();
       });
     },
     true},
    {"unreadable_content", false,
     [](Loading& l) { return l.faults({"SOCKOPT_CONFIG=/sys/class/net/lo/speed"}); }},
    {"unreadable", true,
     [](Loading& l) {
       l.directory().write("sockopt.ini", "", 0600);
       return as_nobody(l);
     }},
    {"unreachable", true,
     [](Loading& l) {
       l.directory().write("closed/sockopt.ini", "");
       std::filesystem::permissions(l / "closed", std::filesystem::perms::owner_all);
       return as_nobody(l, {l.named("closed/sockopt.ini")});
     }},
    {"unreadable_directory", true,
     [](Loading& l) {
       l.directory().write("sockopt.d/a.ini", "");
       std::filesystem::permissions(l / "sockopt.d", std::filesystem::perms::owner_all);
       return as_nobody(l);
     }},
    {"too_many_files", false,
     [](Loading& l) {
       for (int i = 1; i <= 61; ++i) {
         l.directory().write("sockopt.d/" + std::to_string(i) + ".ini", "");
       }
       return l.faults();
     }},
    {"vanished_from_its_directory", false,
     [](Loading& l) {
       std::filesystem::create_directory(l / "sockopt.d");
       std::filesystem::create_symlink("nothing", l / "sockopt.d/a.ini");
       return l.faults();
     }},
    {"too_many_rules", false,
     [](Loading& l) {
       l.directory().write("sockopt.ini", numbered("[rule ", 2048, "]\nprogram = x\n"));
       return l.faults();
     }},
    {"too_many_settings", false,
     [](Loading& l) {
       const std::string nine =
           "]\nprogram = x\nkeepalive = on\nkeepidle = 1\nkeepintvl = 1\nkeepcnt = 1\n"
           "nodelay = on\nlinger2 = 1s\nsyncnt = 1\nbacklog = 1\nreuseaddr = on\n";
       l.directory().write("sockopt.ini", numbered("[rule ", 1814, nine) +
                                              "[rule last]\nprogram = x\npreset = balanced\n");
       return l.faults();
     }},
    {"too_many_patterns", false,
     [](Loading& l) {
       l.directory().write("sockopt.ini",
                           "[rule a]\n" + numbered("program = ", 8193, "\n") + "nodelay = on\n");
       return l.faults();
     }},
    {"too_many_addresses", false,
     [](Loading& l) {
       l.directory().write("sockopt.ini", "[rule a]\n" + numbered("listen = ", 8193, "\n"));
       return l.faults();
     }},
};

class GoldenLoad : public testing::TestWithParam<Load> {};

TEST_P(GoldenLoad, HasItsAnswer) {
  if (GetParam().needs_root && geteuid() != 0) GTEST_SKIP() << "only root can be another user";
  if (GetParam().needs_user_namespace) SOCKOPT_NEEDS_NAMESPACES("--user");
  Loading loading;
  expect_golden(kLoads / GetParam().name, GetParam().faults(loading));
}

INSTANTIATE_TEST_SUITE_P(Configuration, GoldenLoad, testing::ValuesIn(kLoadsOf),
                         [](const auto& load) { return load.param.name; });

TEST(GoldenFiles, AreAllThere) {
  EXPECT_GE(names_in(kFiles, ".ini").size(), 40U);
  EXPECT_EQ(names_in(kFiles, ".ini"), names_in(kFiles, ".expected"));
  EXPECT_EQ(names_in(kVariables, ".variables"), names_in(kVariables, ".expected"));
  EXPECT_EQ(names_in(kLoads, ".expected").size(), std::size(kLoadsOf));
}

}  // namespace
}  // namespace sockopt::test
