// SPDX-License-Identifier: MIT
//
// Which file is read, what of the environment counts, and which of them wins.
#include "shim/config/load.h"

#include <gtest/gtest.h>

#include <string>

#include "shim/config/reader.h"
#include "tests/unit/config/loading.h"

namespace sockopt::test {
namespace {

class LoadPolicy : public testing::Test {
 protected:
  std::string load(const std::vector<std::string>& variables) {
    return loading_.rendered(variables);
  }
  std::string named(std::string_view name) const { return loading_.named(name); }
  const Policy& policy() const { return loading_.policy(); }

  Loading loading_;
  const TemporaryDirectory& directory_ = loading_.directory();
  std::filesystem::path default_file_ = loading_.default_file();
};

constexpr std::string_view kFile = "[sockopt]\nkeepidle = 60s\nnodelay = on\n";

TEST_F(LoadPolicy, NoFileAndNoVariableIsNothing) {
  EXPECT_EQ(load({}), "");
  EXPECT_EQ(policy().file_count(), 0U);
}

TEST_F(LoadPolicy, ReadsTheDefaultFile) {
  directory_.write("sockopt.ini", kFile);
  EXPECT_EQ(load({}), "= keepidle 60s (DIR/sockopt.ini:2)\n= nodelay on (DIR/sockopt.ini:3)\n");
  ASSERT_EQ(policy().file_count(), 1U);
  EXPECT_EQ(policy().path(0), default_file_.string());
  EXPECT_EQ(policy().file_hash(0), content_hash(kFile));
}

TEST_F(LoadPolicy, ReadsTheNamedFileInsteadOfIt) {
  directory_.write("sockopt.ini", kFile);
  directory_.write("other.ini", "[sockopt]\nkeepcnt = 3\n");
  EXPECT_EQ(load({named("other.ini")}), "= keepcnt 3 (DIR/other.ini:2)\n");
}

TEST_F(LoadPolicy, ANamedFileMustBeThere) {
  directory_.write("sockopt.ini", kFile);
  EXPECT_EQ(load({named("other.ini")}),
            "DIR/other.ini: there is no such file; create it, or unset SOCKOPT_CONFIG, which names "
            "it\n");
  EXPECT_EQ(policy().file_count(), 0U);
}

TEST_F(LoadPolicy, AnEmptyNameIsNone) {
  directory_.write("sockopt.ini", "[sockopt]\nkeepcnt = 3\n");
  EXPECT_EQ(load({"SOCKOPT_CONFIG="}), "= keepcnt 3 (DIR/sockopt.ini:2)\n");
}

TEST_F(LoadPolicy, ARelativeNameReadsNoFileAtAll) {
  directory_.write("sockopt.ini", kFile);
  EXPECT_EQ(load({"SOCKOPT_CONFIG=sockopt.ini", "SOCKOPT_KEEPCNT=3"}),
            "environment: SOCKOPT_CONFIG=sockopt.ini: takes an absolute path; no file was read\n"
            "= keepcnt 3 (SOCKOPT_KEEPCNT)\n");
  EXPECT_EQ(load({"SOCKOPT_CONFIG=\x1b[2J"}),
            "environment: SOCKOPT_CONFIG=\\x1b[2J: takes an absolute path; no file was read\n");
}

TEST_F(LoadPolicy, AFileThatOthersCanWriteIsNotRead) {
  directory_.write("sockopt.ini", kFile, 0666);
  EXPECT_EQ(load({"SOCKOPT_KEEPCNT=3"}),
            "DIR/sockopt.ini: not read: it can be written by anyone (chmod go-w)\n"
            "= keepcnt 3 (SOCKOPT_KEEPCNT)\n");
  EXPECT_EQ(policy().file_count(), 0U);
}

TEST_F(LoadPolicy, NorIsWhatIsNoFile) {
  EXPECT_EQ(load({"SOCKOPT_CONFIG=/dev/null"}),
            "/dev/null: not read: it is a device, not a regular file\n");
  std::filesystem::create_directory(default_file_);
  EXPECT_EQ(load({}), "DIR/sockopt.ini: not read: it is a directory, not a regular file\n");
}

TEST_F(LoadPolicy, VariablesAreStrongerThanTheFile) {
  directory_.write("sockopt.ini", kFile);
  EXPECT_EQ(load({"SOCKOPT_KEEPIDLE=30"}),
            "= keepidle 60s (DIR/sockopt.ini:2)\n= nodelay on (DIR/sockopt.ini:3)\n"
            "= keepidle 30s (SOCKOPT_KEEPIDLE)\n");
  EXPECT_EQ(load({"SOCKOPT_NODELAY=default"}),
            "= keepidle 60s (DIR/sockopt.ini:2)\n= nodelay on (DIR/sockopt.ini:3)\n"
            "= nodelay default (SOCKOPT_NODELAY)\n");
}

TEST_F(LoadPolicy, TheDirectorysFilesFollowByName) {
  directory_.write("sockopt.ini", kFile);
  directory_.write("sockopt.d/20.ini", "[sockopt]\nkeepidle = 20s\n");
  directory_.write("sockopt.d/10.ini", "[sockopt]\nkeepidle = 10s\n[rule a]\nprogram = x\n");
  directory_.write("sockopt.d/9.ini", "[rule a]\nprogram = y\n");
  directory_.write("sockopt.d/README", "[sockopt]\nkeepidle = 1s\n");
  directory_.write("sockopt.d/.hidden.ini", "[sockopt]\nkeepidle = 2s\n");
  directory_.write("sockopt.d/10.ini~", "[sockopt]\nkeepidle = 3s\n");
  directory_.write("sockopt.d/10.ini.dpkg-new", "[sockopt]\nkeepidle = 4s\n");
  EXPECT_EQ(load({}),
            "= keepidle 60s (DIR/sockopt.ini:2)\n= nodelay on (DIR/sockopt.ini:3)\n"
            "= keepidle 10s (DIR/sockopt.d/10.ini:2)\n[a]\n  program x\n"
            "= keepidle 20s (DIR/sockopt.d/20.ini:2)\n"
            "[a]\n  program y\n");
}

TEST_F(LoadPolicy, ANamedFileIsTheOnlyOne) {
  directory_.write("other.ini", "");
  directory_.write("sockopt.d/10.ini", "[sockopt]\nkeepidle = 10s\n");
  EXPECT_EQ(load({named("other.ini")}), "");
  EXPECT_EQ(load({"SOCKOPT_CONFIG=relative.ini"}).find("= "), std::string::npos);
}

TEST_F(LoadPolicy, OneFileThatIsRefusedLeavesTheOthers) {
  directory_.write("sockopt.d/10.ini", "[sockopt]\nkeepidle = 10s\n", 0666);
  directory_.write("sockopt.d/20.ini", "[sockopt]\nkeepidle = 20s\n");
  std::filesystem::create_directory(directory_ / "sockopt.d/30.ini");
  EXPECT_EQ(load({}),
            "DIR/sockopt.d/10.ini: not read: it can be written by anyone (chmod go-w)\n"
            "DIR/sockopt.d/30.ini: not read: it is a directory, not a regular file\n"
            "= keepidle 20s (DIR/sockopt.d/20.ini:2)\n");
}

TEST_F(LoadPolicy, ThereAreOnlySoManyFiles) {
  for (int i = 0; i < 70; ++i) {
    directory_.write("sockopt.d/" + std::to_string(100 + i) + ".ini", "[sockopt]\nnodelay = on\n");
  }
  const std::string loaded = load({});
  EXPECT_EQ(loaded.find("DIR/sockopt.d: holds more than 60 files\n"), 0U) << loaded;
  EXPECT_EQ(policy().file_count(), 60U);
}

TEST_F(LoadPolicy, TheLogLevelOfTheVariableToo) {
  directory_.write("sockopt.ini", "[sockopt]\nlog = off\n");
  EXPECT_EQ(load({}), "= log off\n");
  EXPECT_EQ(load({"SOCKOPT_LOG=info"}), "= log info\n");
}

TEST_F(LoadPolicy, WhereVariablesDoNotCountNoneDoes) {
  directory_.write("sockopt.ini", "[sockopt]\nkeepcnt = 3\n");
  EXPECT_EQ(loading_.rendered_without_variables(), "= keepcnt 3 (DIR/sockopt.ini:2)\n");
}

TEST_F(LoadPolicy, FaultsOfBothAreTold) {
  directory_.write("sockopt.ini", "[sockopt]\nkeepidle = 0\nnodelay = on\n");
  EXPECT_EQ(load({"SOCKOPT_KEEPCNT=many"}),
            "DIR/sockopt.ini:2:12+1: keepidle = 0: takes 1s..32767s\n"
            "environment: SOCKOPT_KEEPCNT=many: takes 1..127\n"
            "= nodelay on (DIR/sockopt.ini:3)\n");
}

}  // namespace
}  // namespace sockopt::test
