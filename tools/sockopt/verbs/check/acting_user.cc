// SPDX-License-Identifier: MIT
#include "tools/sockopt/verbs/check/acting_user.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <system_error>

#include "tools/sockopt/arguments.h"
#include "tools/sockopt/report/output.h"

namespace sockopt {
namespace {

[[noreturn]] void refuse(const std::string& user, const std::string& why) {
  throw UsageError(fmt::format("--user {}: {}", printable(user), why));
}

}  // namespace

ActingUser::ActingUser(const std::string& user) {
  if (user.empty()) return;
  uid_t number = 0;
  const auto [end, error] = std::from_chars(user.data(), user.data() + user.size(), number);
  const bool is_number = error == std::errc() && end == user.data() + user.size();
  const passwd* account = is_number ? ::getpwuid(number) : ::getpwnam(user.c_str());
  if (account == nullptr && !is_number) refuse(user, "there is no such user");
  if (account != nullptr) number = account->pw_uid;
  if (number == ::geteuid()) return;
  if (::geteuid() != 0) refuse(user, "only root can read as another user");
  group_ = ::getegid();
  groups_.resize(static_cast<std::size_t>(std::max(0, ::getgroups(0, nullptr))));
  if (::getgroups(static_cast<int>(groups_.size()), groups_.data()) < 0) groups_.clear();
  const bool as_group = account == nullptr ? ::setgroups(0, nullptr) == 0
                                           : ::initgroups(account->pw_name, account->pw_gid) == 0 &&
                                                 ::setegid(account->pw_gid) == 0;
  acts_ = true;
  if (!as_group || ::seteuid(number) != 0) {
    refuse(user, std::generic_category().message(errno));
  }
}

ActingUser::~ActingUser() {
  if (!acts_) return;
  // Which root may always do.
  if (::seteuid(0) != 0 || ::setegid(group_) != 0 ||
      ::setgroups(groups_.size(), groups_.data()) != 0) {
    ::_exit(2);
  }
}

}  // namespace sockopt
