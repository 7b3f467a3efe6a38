// SPDX-License-Identifier: MIT
//
// Whose file it is and who may write to it, in every combination, as the kernel shows it: owners,
// modes, links and the user who reads; and in a user namespace, where users look like one another.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "shim/config/file.h"
#include "tests/support/in_child.h"
#include "tests/support/requirements.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/users.h"

namespace sockopt::test {
namespace {

constexpr uid_t kUser = 1000;
constexpr uid_t kOtherUser = 1001;
constexpr gid_t kGroup = 54321;  // of nobody here
constexpr char kText[] = "[sockopt]\n";

std::string outcome(const std::filesystem::path& path, uid_t uid) {
  FileContent content;
  TextOf<256> error;
  const FileStatus status = content.read(path.c_str(), uid, error);
  if (status == FileStatus::kRead) return content.text() == kText ? "read" : "other text";
  return status == FileStatus::kMissing ? "missing" : std::string(error.view());
}

// The same by the letter of the contract.
std::string expected(uid_t owner, mode_t mode, uid_t uid) {
  if (owner != 0 && owner != uid) {
    return "is owned by user " + std::to_string(owner) + ", not by root" +
           (uid == 0 ? "" : " or user " + std::to_string(uid)) +
           (owner == kNobody ? " (in a user namespace root's files can show as this user)" : "");
  }
  if ((mode & 0002) != 0) return "can be written by anyone (chmod go-w)";
  if ((mode & 0020) != 0) return "can be written by its group (chmod go-w)";
  const bool readable = uid == 0 || (mode & (owner == uid ? 0400 : 0004)) != 0;
  return readable ? "read" : "cannot be opened: permission denied";
}

TEST(Ownership, OfEveryOwnerModeLinkAndReader) {
  SOCKOPT_NEEDS_ROOT("to give files away");
  const TemporaryDirectory directory;
  const auto file = directory.write("sockopt.ini", kText);
  const auto link = directory / "link";
  std::filesystem::create_symlink(file, link);
  int read = 0;
  for (const uid_t link_owner : {uid_t{0}, kOtherUser}) {
    ASSERT_EQ(lchown(link.c_str(), link_owner, kGroup), 0);
    for (const uid_t owner : {uid_t{0}, kUser, kOtherUser, kNobody}) {
      for (mode_t bits = 0; bits < 02000; ++bits) {
        // All of rwxrwxrwx, plain and with the set-user-ID bit, or another of the three.
        const mode_t mode = (bits & 0777) | ((bits & 01000) != 0 ? 01000 << bits % 3 : 0);
        ASSERT_EQ(chown(file.c_str(), owner, kGroup), 0);
        ASSERT_EQ(chmod(file.c_str(), mode), 0);
        for (const uid_t reader : {uid_t{0}, kUser, kNobody}) {
          ASSERT_EQ(seteuid(reader), 0);
          const std::string plainly = outcome(file, reader);
          const std::string by_link = outcome(link, reader);
          ASSERT_EQ(seteuid(0), 0);
          const std::string wanted = expected(owner, mode, reader);
          ASSERT_EQ(plainly, wanted) << owner << std::oct << ' ' << mode << ' ' << reader;
          ASSERT_EQ(by_link, wanted) << owner << std::oct << ' ' << mode << ' ' << reader;
          read += wanted == "read" ? 1 : 0;
        }
      }
    }
  }
  EXPECT_GT(read, 1'000);
}

// What a process of `uid` finds that has made itself a user namespace in which no user is known.
std::string outcome_among_strangers(const std::filesystem::path& path, uid_t uid) {
  return in_child([&]() -> std::string {
    if (setresuid(uid, uid, uid) != 0 || unshare(CLONE_NEWUSER) != 0) return "no user namespace";
    return geteuid() == kNobody ? outcome(path, kNobody) : "the users are known";
  });
}

// There, everybody's files show as those of the process itself.
TEST(Ownership, AmongUsersThatLookAlikeIsTheKernelsWord) {
  SOCKOPT_NEEDS_ROOT("to give files away");
  const TemporaryDirectory directory;
  const auto file = directory.write("sockopt.ini", kText);
  for (const uid_t reader : {kUser, kNobody}) {
    for (const uid_t owner : {uid_t{0}, kUser, kOtherUser, kNobody}) {
      ASSERT_EQ(chown(file.c_str(), owner, kGroup), 0);
      const std::string found = outcome_among_strangers(file, reader);
      if (found == "no user namespace") GTEST_SKIP() << "user namespaces cannot be made here";
      EXPECT_EQ(found,
                owner == reader ? "read" : "is owned by a user unknown in this user namespace")
          << reader << " reads a file of " << owner;
    }
  }
}

}  // namespace
}  // namespace sockopt::test
