// SPDX-License-Identifier: MIT
//
// A configuration that others own or can write is an order from others.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>

#include "shim/config/file.h"

namespace sockopt::test {
namespace {

std::string refusal_of_owner(uid_t owner, mode_t mode, uid_t uid) {
  TextOf<256> error;
  if (is_trusted(owner, S_IFREG | mode, uid, error)) {
    EXPECT_TRUE(error.empty());
    return "";
  }
  EXPECT_FALSE(error.empty());
  return std::string(error.view());
}

TEST(IsTrusted, RootAndTheUserItself) {
  EXPECT_EQ(refusal_of_owner(0, 0644, 0), "");
  EXPECT_EQ(refusal_of_owner(0, 0644, 1000), "");
  EXPECT_EQ(refusal_of_owner(1000, 0644, 1000), "");
}

TEST(IsTrusted, NobodyElse) {
  EXPECT_EQ(refusal_of_owner(1000, 0644, 0), "is owned by user 1000, not by root");
  EXPECT_EQ(refusal_of_owner(1001, 0644, 1000), "is owned by user 1001, not by root or user 1000");
  EXPECT_EQ(refusal_of_owner(65534, 0644, 0),
            "is owned by user 65534, not by root (in a user namespace root's files can show as "
            "this user)");
  EXPECT_EQ(refusal_of_owner(static_cast<uid_t>(-1), 0644, 0),
            "is owned by user 4294967295, not by root");
  EXPECT_EQ(refusal_of_owner(65534, 0644, 65534), "") << "a process of user nobody";
}

TEST(IsTrusted, NoModeLetsOthersWrite) {
  for (mode_t mode = 0; mode < 010000; ++mode) {
    const std::string expected = (mode & 02) != 0    ? "can be written by anyone (chmod go-w)"
                                 : (mode & 020) != 0 ? "can be written by its group (chmod go-w)"
                                                     : "";
    ASSERT_EQ(refusal_of_owner(0, mode, 0), expected) << std::oct << mode;
    ASSERT_EQ(refusal_of_owner(1000, mode, 1000), expected) << std::oct << mode;
  }
}

TEST(IsTrusted, TheOwnerIsToldBeforeTheMode) {
  EXPECT_EQ(refusal_of_owner(1000, 0666, 0), "is owned by user 1000, not by root");
}

}  // namespace
}  // namespace sockopt::test
