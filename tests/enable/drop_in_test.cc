// SPDX-License-Identifier: MIT
//
// The text of the drop-in, and telling whether somebody changed it.
#include "tools/sockopt/units/drop_in.h"

#include <gtest/gtest.h>

#include "tools/sockopt/launch/preload_list.h"
#include "tools/sockopt/report/line_diff.h"
#include "tools/systemd/service_command.h"

namespace sockopt::test {
namespace {

DropIn example() {
  return {.unit = "daemon.service",
          .library = "/usr/lib/libsockopt.so",
          .preload = "/usr/lib/libsockopt.so",
          .preload_before = {},
          .configuration = {},
          .check = {}};
}

TEST(DropIn, EveryChangeIsSeen) {
  const std::string text = example().text();
  EXPECT_EQ(authorship(text), Authorship::kOurs);
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string edited = text;
    edited[i] = edited[i] == 'x' ? 'y' : 'x';
    EXPECT_NE(authorship(edited), Authorship::kOurs) << "at " << i;
  }
  EXPECT_EQ(authorship(text + "\n"), Authorship::kEdited);
  EXPECT_EQ(authorship(text.substr(0, text.size() - 1)), Authorship::kEdited);
  EXPECT_EQ(authorship(""), Authorship::kForeign);
  EXPECT_EQ(authorship("[Service]\n"), Authorship::kForeign);
}

TEST(DropIn, PathsThatSystemdWouldTakeApart) {
  DropIn drop_in = example();
  drop_in.configuration = "/etc/50% \"a\".ini";
  drop_in.check = {"/opt/my $tools/sockopt", "check", "--user", "a b"};
  UnitSettings settings;
  settings.add("drop-in", parse_unit_file(drop_in.text()));
  const auto variables = environment_of(settings);
  ASSERT_NE(find_variable(variables, "SOCKOPT_CONFIG"), nullptr);
  EXPECT_EQ(find_variable(variables, "SOCKOPT_CONFIG")->variable.value, "/etc/50%% \"a\".ini");
  const auto commands = service_commands(settings, "daemon.service", "ExecStartPre");
  ASSERT_EQ(commands.size(), 1u);
  EXPECT_EQ(commands[0].path, "/opt/my $$tools/sockopt");
  EXPECT_EQ(commands[0].words, (std::vector<std::string>{"check", "--user", "a b"}));
  EXPECT_TRUE(commands[0].unconfined);
}

TEST(PreloadList, TheLibraryComesFirstAndOnce) {
  constexpr char kLibrary[] = "/usr/lib/libsockopt.so";
  EXPECT_EQ(preload_with(kLibrary, ""), kLibrary);
  EXPECT_EQ(preload_with(kLibrary, " /a.so::/b.so  "), "/usr/lib/libsockopt.so:/a.so:/b.so");
  EXPECT_EQ(preload_with(kLibrary, "/a.so libsockopt.so:/opt/libsockopt.so /b.so"),
            "/usr/lib/libsockopt.so:/a.so:/b.so");
}

TEST(LineDiff, ShowsTheWholeFile) {
  EXPECT_EQ(line_diff("", "a\nb\n"), "+ a\n+ b\n");
  EXPECT_EQ(line_diff("a\nb\n", ""), "- a\n- b\n");
  EXPECT_EQ(line_diff("a\nb\nc\n", "a\nx\nc\nd\n"), "  a\n- b\n+ x\n  c\n+ d\n");
  EXPECT_EQ(line_diff("same\n", "same\n"), "  same\n");
}

}  // namespace
}  // namespace sockopt::test
