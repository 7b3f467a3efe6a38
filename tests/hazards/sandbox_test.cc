// SPDX-License-Identifier: MIT
//
// Programs that install a seccomp filter which kills for a system call which the program
// itself never makes. What the library does, it has to have done before; a listener that was
// prepared hands its options on without a call.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <sstream>
#include <tuple>

#include "tests/support/facts.h"
#include "tests/support/paths.h"
#include "tests/support/requirements.h"
#include "tests/support/rule_file.h"
#include "tools/inspect/unique_fd.h"

namespace sockopt::test {
namespace {

const Environment kSandboxSettings = {{"KEEPIDLE", "61s"}, {"KEEPCNT", "5"}, {"BACKLOG", "1024"}};

Environment talkative(Environment settings) {
  settings["LOG"] = "debug";
  settings["NONSENSE"] = "1";
  return variables(settings);
}

// Programs install a filter by one of two calls, and by the number of either.
class SeccompFilter : public ::testing::TestWithParam<const char*> {
 protected:
  static std::vector<std::string> sandboxed(const std::string& kind) {
    return {victim("sandboxed"), GetParam(), kind};
  }
};

// Accepting is all that is left to it.
TEST_P(SeccompFilter, APreparedListenerHandsItsOptionsOn) {
  const Facts facts = facts_of(sandboxed("prepared"), talkative(kSandboxSettings));
  EXPECT_EQ(facts["child"], "ended 0");
  EXPECT_EQ(facts["errno"], "4242 4242");
  EXPECT_EQ(facts["first"], "61");
  EXPECT_EQ(facts["second"], "61");
  EXPECT_EQ(facts["parent"], "61");
}

TEST_P(SeccompFilter, APreparedListenerOfARuleHandsItsOptionsOn) {
  const RuleFile rules("[rule servers]\nlisten = 127.0.0.1\nkeepidle = 61s\nenforce = yes\n");
  const Facts facts = facts_of(sandboxed("prepared"), rules.environment());
  EXPECT_EQ(facts["child"], "ended 0");
  EXPECT_EQ(facts["first"], "61");
}

// Its connections need a call each, which is not made any more.
TEST_P(SeccompFilter, AListenerWithWorkForEachConnectionDoesNotKill) {
  const Facts facts =
      facts_of(sandboxed("prepared"), talkative({{"KEEPIDLE", "61s"}, {"PRIORITY", "4"}}));
  EXPECT_EQ(facts["child"], "ended 0");
  EXPECT_EQ(facts["first"], "61");
}

// The library never saw this listener, and the first call on it is an accept, with the filter
// installed.
TEST_P(SeccompFilter, AListenerThatWasNeverSeenDoesNotKill) {
  const UniqueFd listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(listen(listener.get(), 16), 0);
  Command command{.argv = sandboxed("inherited"), .environment = variables(kSandboxSettings)};
  command.argv.push_back("3");
  command.descriptors[3] = listener.get();
  const Facts facts = facts_of(std::move(command));
  EXPECT_EQ(facts["child"], "ended 0");
  EXPECT_EQ(facts["errno"], "4242 4242");
}

TEST_P(SeccompFilter, ASocketThatItOpensDoesNotKill) {
  const RuleFile rules(
      "[sockopt]\nkeepidle = 61s\nquickack = on\n[rule peer]\nconnect = 127.0.0.1\n"
      "keepcnt = 5\n");
  const Facts facts = facts_of(sandboxed("opening"), rules.environment());
  EXPECT_EQ(facts["child"], "ended 0");
  EXPECT_EQ(facts["errno"], "4242 4242");
  EXPECT_EQ(facts["parent"], "61");
}

// As tor's filter does, and systemd's with SystemCallErrorNumber=.
TEST_P(SeccompFilter, AFilterThatRefusesChangesNoResult) {
  const Facts without = facts_of(sandboxed("refused"), plain_environment());
  const Facts with =
      facts_of(sandboxed("refused"), talkative({{"KEEPIDLE", "61s"}, {"PRIORITY", "4"}}));
  EXPECT_EQ(with["child"], "ended 0");
  EXPECT_EQ(with["errno"], without["errno"]);
  EXPECT_EQ(with["first"], "61");
  EXPECT_EQ(with["second"], without["second"]);
}

// The work for the connection would come after it, and in a sandbox.
TEST(LockedInMeanwhile, AThreadThatWaitsInAcceptIsNotKilled) {
  for (const Environment& settings :
       {Environment{{"KEEPIDLE", "61s"}, {"PRIORITY", "4"}}, Environment{{"KEEPIDLE", "61s"}}}) {
    const Facts facts = facts_of({victim("sandboxed"), "tsync", "waiting"}, talkative(settings));
    EXPECT_EQ(facts["child"], "ended 0");
    EXPECT_EQ(facts["errno"], "4242 4242");
    EXPECT_EQ(facts["first"], "61");
  }
}

INSTANTIATE_TEST_SUITE_P(, SeccompFilter,
                         ::testing::Values("prctl", "number", "seccomp", "tsync", "number+",
                                           "seccomp+", "tsync+"),
                         [](const auto& call) {
                           std::string name = call.param;
                           if (name.back() == '+') name.replace(name.size() - 1, 1, "_dirty");
                           return name;
                         });

// The hooks pause while the kernel looks at a filter for all threads.
TEST(RefusedFilter, LeavesTheOptionsOn) {
  const Facts without = facts_of({victim("refused_filter")}, plain_environment());
  const Facts with = facts_of({victim("refused_filter")}, variables({{"KEEPIDLE", "61s"}}));
  EXPECT_EQ(with["filter"], without["filter"]);
  EXPECT_EQ(with["socket"], "61");
}

// Another thread installs the filter while a hook sets the first of its options.
TEST(LockedInMeanwhile, AHookThatIsAtWorkMakesNoMoreCalls) {
  for (const char* level : {"debug", "warn"}) {
    const Facts facts =
        facts_of({victim("main_socket"), "filtered"},
                 preloading({library(), victim("liblocking.so")}, {{"KEEPIDLE", "61s"},
                                                                   {"KEEPCNT", "5"},
                                                                   {"KEEPALIVE", "on"},
                                                                   {"NODELAY", "on"},
                                                                   {"LOG", level}}));
    EXPECT_EQ(facts["main"], "1 errno 4242");
    EXPECT_EQ(facts["set"], "1");
    EXPECT_EQ(facts.error().find("not set"), std::string::npos) << facts.error();
  }
}

// As Wine does: what libc calls goes to the kernel, and all else to a handler, which there is not.
TEST(SystemCallUserDispatch, LeavesTheProgramItsOwnCallsOnly) {
  for (const char* call : {"prctl", "number", "number+"}) {
    SCOPED_TRACE(call);
    const Facts without = facts_of({victim("dispatched"), call}, plain_environment());
    if (without["dispatch"] != "0") GTEST_SKIP() << "this kernel has none: " << without["dispatch"];
    EXPECT_EQ(without.lines.size(), 8U);
    const Facts with =
        facts_of({victim("dispatched"), call}, talkative({{"KEEPIDLE", "61s"}, {"PRIORITY", "4"}}));
    EXPECT_EQ(with.lines, without.lines);
  }
}

// What systemd lets a unit do, as it tells itself.
std::string system_calls_of(const std::string& set) {
  const Finished finished = run({.argv = {"systemd-analyze", "syscall-filter", set}});
  std::istringstream stream(finished.output);
  std::string all;
  for (std::string line; std::getline(stream, line);) {
    const auto at = line.find_first_not_of(' ');
    if (at == std::string::npos || at == 0 || line[at] == '#') continue;
    const std::string name = line.substr(at);
    all += name[0] == '@' ? system_calls_of(name) : name + " ";
  }
  return all;
}

struct Filter {
  const char* name;
  std::vector<std::string> sets;
  std::vector<std::string> without{};
};
void PrintTo(const Filter& filter, std::ostream* out) { *out << filter.name; }

const Filter kFilters[] = {
    {"system_service", {"@system-service"}},
    // As most units have it.
    {"hardened",
     {"@system-service"},
     {"@privileged", "@resources", "@mount", "@debug", "@obsolete"}},
    {"network",
     {"@default", "@basic-io", "@file-system", "@io-event", "@network-io", "@process", "@signal",
      "@timer"}},
};

class SystemdFilter : public ::testing::TestWithParam<std::tuple<Filter, const char*>> {
 protected:
  static std::string allowed(const Filter& filter) {
    std::string all;
    for (const std::string& set : filter.sets) all += system_calls_of(set);
    std::istringstream stream(all);
    std::string without = " ";
    for (const std::string& set : filter.without) without += system_calls_of(set);
    std::string left = "execve ";  // systemd itself sees to that
    for (std::string name; stream >> name;) {
      if (without.find(" " + name + " ") == std::string::npos) left += name + " ";
    }
    return left;
  }
};

TEST_P(SystemdFilter, LetsTheShimWork) {
  SOCKOPT_NEEDS("systemd-analyze");
  if (!has_program(victim("filtered"))) GTEST_SKIP() << "the tests are built without libseccomp";
  const auto& [filter, action] = GetParam();
  const std::string list = allowed(filter);
  ASSERT_NE(list.find(" accept4 "), std::string::npos) << list;
  const Script script =
      "listener l; client c l; accept a l; socket s inet; connect s l; "
      "open-descriptors";
  const auto filtered = [&](const Script& steps, const Environment& environment) {
    Command command = actor(steps, environment);
    command.argv.insert(command.argv.begin(), {victim("filtered"), action, list});
    return play(command);
  };
  const Played without = filtered(script, plain_environment());
  EXPECT_EQ(filtered(script, talkative(kSandboxSettings)).lines, without.lines);
  Environment settings = kSandboxSettings;
  settings["PRIORITY"] = "4";
  const Played with =
      filtered(script +
                   "backlog l = 1024; get a TCP_KEEPIDLE = 61; get s TCP_KEEPIDLE = 61; "
                   "get a SO_PRIORITY = 4",
               talkative(settings));
  EXPECT_NE(with.error().find("keepidle = 61s"), std::string::npos) << with.error();
}

INSTANTIATE_TEST_SUITE_P(, SystemdFilter,
                         ::testing::Combine(::testing::ValuesIn(kFilters),
                                            ::testing::Values("kill", "refuse")),
                         [](const auto& row) {
                           return std::string(std::get<0>(row.param).name) + "_" +
                                  std::get<1>(row.param);
                         });

}  // namespace
}  // namespace sockopt::test
