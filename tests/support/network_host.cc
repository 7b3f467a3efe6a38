// SPDX-License-Identifier: MIT
#include "tests/support/network_host.h"

#include <filesystem>
#include <system_error>

namespace sockopt::test {

NetworkHost::NetworkHost() : holder_({.argv = {"unshare", "--net", "sleep", "600"}}) {
  // It is one as soon as the namespace is another than ours.
  const std::string own = std::filesystem::read_symlink("/proc/self/ns/net");
  const auto is_another = [&] {
    std::error_code ignored;
    const auto its = std::filesystem::read_symlink("/proc/" + word() + "/ns/net", ignored);
    return !holder_.running() || (!its.empty() && its != own);
  };
  ready_ = eventually(kPatience, is_another) && holder_.running();
}

std::vector<std::string> NetworkHost::there(std::vector<std::string> argv) const {
  std::vector<std::string> prefix = {"nsenter", "--net=/proc/" + word() + "/ns/net", "--"};
  prefix.insert(prefix.end(), argv.begin(), argv.end());
  return prefix;
}

testing::AssertionResult NetworkHost::does(std::vector<std::string> argv) const {
  const Finished finished = run({.argv = there(std::move(argv))});
  if (finished.success()) return testing::AssertionSuccess();
  return testing::AssertionFailure() << finished.error;
}

std::string link_hosts(const NetworkHost& one, const NetworkHost& other) {
  if (!one.ready() || !other.ready()) return "no network namespaces: " + one.error();
  const auto linked = one.does(
      {"ip", "link", "add", "wire", "type", "veth", "peer", "name", "wire", "netns", other.word()});
  if (!linked) return std::string("no veth pair: ") + linked.message();
  EXPECT_TRUE(one.does({"ip", "address", "add", "192.0.2.1/30", "dev", "wire"}));
  EXPECT_TRUE(other.does({"ip", "address", "add", "192.0.2.2/30", "dev", "wire"}));
  EXPECT_TRUE(one.does({"ip", "link", "set", "wire", "up"}));
  EXPECT_TRUE(other.does({"ip", "link", "set", "wire", "up"}));
  return {};
}

}  // namespace sockopt::test
