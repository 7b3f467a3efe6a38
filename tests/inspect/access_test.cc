// SPDX-License-Identifier: MIT
//
// The reasons for which the kernel lets nobody but root look, each brought about on purpose.
#include "tools/inspect/access.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <memory>

#include "tests/inspect/capability.h"
#include "tests/support/in_child.h"
#include "tests/support/process.h"
#include "tests/support/requirements.h"
#include "tests/support/users.h"
#include "tools/inspect/network_namespace.h"
#include "tools/inspect/process_sockets.h"

namespace sockopt::test {
namespace {

// What an unprivileged user is told of a process: `REASON | REMEDY`; empty where he may look.
std::string told_nobody(pid_t pid) {
  return in_child([&]() -> std::string {
    if (setgid(kNobody) != 0 || setuid(kNobody) != 0) return "setuid";
    const ProcessSockets seen = list_sockets(pid);
    if (!seen.failure) return "";
    const WhyDenied why = explain_denial(pid, *seen.failure);
    return why.reason + " | " + why.remedy;
  });
}

class ExplainDenial : public testing::Test {
 protected:
  void SetUp() override { SOCKOPT_NEEDS_ROOT("to become somebody else"); }

  // A program of nobody's that holds a socket, and is ready once it says so.
  static std::unique_ptr<Process> holder(std::vector<std::string> before,
                                         const std::string& python = "") {
    std::vector<std::string> argv = std::move(before);
    argv.insert(argv.end(), {"python3", "-c",
                             "import ctypes, socket, time\ns = socket.socket()\n" + python +
                                 "\nprint('ready', flush=True)\ntime.sleep(600)"});
    auto process = std::make_unique<Process>(Command{.argv = argv});
    EXPECT_TRUE(eventually(kPatience, [&] { return process->output() == "ready\n"; }))
        << process->error();
    return process;
  }

  const std::vector<std::string> as_nobody = {"setpriv", "--reuid=65534", "--regid=65534",
                                              "--clear-groups"};
};

TEST_F(ExplainDenial, None) { EXPECT_EQ(told_nobody(holder(as_nobody)->pid()), ""); }

TEST_F(ExplainDenial, AnotherUser) {
  EXPECT_EQ(told_nobody(getpid()), "it runs as another user (uid 0) | CAP_SYS_PTRACE");
}

TEST_F(ExplainDenial, NotDumpable) {
  const auto process = holder(as_nobody, "ctypes.CDLL(None).prctl(4, 0)");
  EXPECT_EQ(told_nobody(process->pid()),
            "it is not dumpable (PR_SET_DUMPABLE, or it was started with privileges) | "
            "CAP_SYS_PTRACE");
}

TEST_F(ExplainDenial, MoreCapabilities) {
  std::vector<std::string> with = as_nobody;
  with.insert(with.end(), {"--inh-caps=+net_admin", "--ambient-caps=+net_admin"});
  EXPECT_EQ(told_nobody(holder(with)->pid()),
            "it has capabilities that this command lacks | CAP_SYS_PTRACE");
}

TEST_F(ExplainDenial, AnotherUserNamespace) {
  SOCKOPT_NEEDS_NAMESPACES("--user", "--map-root-user");
  const std::string told = told_nobody(holder({"unshare", "--user", "--map-root-user"})->pid());
  EXPECT_EQ(told, "it is in another user namespace | CAP_SYS_PTRACE there, or in one around it");
}

// Who may look at the process may still not go where it is.
TEST_F(ExplainDenial, AnotherNetworkNamespace) {
  const auto process = holder({"unshare", "--net"});
  const Result<ForeignProcess> opened = ForeignProcess::open(process->pid());
  ASSERT_TRUE(opened);
  EXPECT_EQ(in_child([&]() -> std::string {
              if (!drop_capability(CAP_SYS_ADMIN)) return "kept";
              const auto failure = in_network_namespace(*opened, [] {});
              if (!failure) return "entered";
              const WhyDenied why = explain_denial(process->pid(), *failure);
              return why.reason + " | " + why.remedy;
            }),
            "its network namespace cannot be entered | CAP_SYS_ADMIN");
}

TEST_F(ExplainDenial, CallThatIsNotOffered) {
  const WhyDenied why = explain_denial(getpid(), Failure::of("pidfd_getfd", ENOSYS));
  EXPECT_NE(why.reason.find("pidfd_getfd is missing from"), std::string::npos) << why.reason;
  EXPECT_EQ(why.remedy, "");
}

}  // namespace
}  // namespace sockopt::test
