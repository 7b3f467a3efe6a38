// SPDX-License-Identifier: MIT
//
// Lines of unit files: what is an assignment, and what is passed over.
#include "tools/systemd/unit_file.h"

#include <gtest/gtest.h>

namespace sockopt {

void PrintTo(const UnitAssignment& one, std::ostream* out) {
  *out << "[" << one.section << "] " << one.key << "=" << one.value << " at " << one.line;
}

}  // namespace sockopt

namespace sockopt::test {
namespace {

using Assignments = std::vector<UnitAssignment>;

TEST(UnitFile, SectionsKeysAndValues) {
  EXPECT_EQ(
      parse_unit_file("[Unit]\nDescription = a web server \n\n[Service]\n\tUser=www\nUser=\n"),
      (Assignments{{"Unit", "Description", "a web server", 2},
                   {"Service", "User", "www", 5},
                   {"Service", "User", "", 6}}));
}

TEST(UnitFile, CommentsAndWhatIsNoAssignment) {
  EXPECT_EQ(parse_unit_file("Before=any section\n[S]\n# A=1\n  ; B=2\nno equals\nC=3 # stays\n"),
            (Assignments{{"S", "C", "3 # stays", 6}}));
}

TEST(UnitFile, ContinuedLines) {
  EXPECT_EQ(parse_unit_file("[S]\nA=1 \\\n  2\\\n# a comment between\n3\nB=4\n"),
            (Assignments{{"S", "A", "1    2 3", 2}, {"S", "B", "4", 6}}));
  EXPECT_EQ(parse_unit_file("[S]\nA=escaped \\\\\nB=end\\"),
            (Assignments{{"S", "A", "escaped \\\\", 2}, {"S", "B", "end", 3}}));
}

TEST(UnitFile, EveryLineEndAndByteOrderMark) {
  EXPECT_EQ(parse_unit_file("\xef\xbb\xbf[S]\r\nA=1 \\\r\n2\r\nB=3\rC=4"),
            (Assignments{{"S", "A", "1  2", 2}, {"S", "B", "3", 4}, {"S", "C", "4", 5}}));
}

TEST(UnitFile, NothingOfABrokenSectionOrOfBytesThatAreNoText) {
  EXPECT_EQ(parse_unit_file("[S]\nA=1\n[Broken\nB=2\n[T]\nC=\xff\nD=\xc3\xa4\n"),
            (Assignments{{"S", "A", "1", 2}, {"T", "D", "\xc3\xa4", 7}}));
  EXPECT_EQ(parse_unit_file(""), Assignments{});
}

}  // namespace
}  // namespace sockopt::test
