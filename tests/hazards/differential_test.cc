// SPDX-License-Identifier: MIT
//
// Random programs, each run with the library and without: what every call returns and leaves in
// errno, and the options of every socket that is not the library's affair, are the same. As many as
// DIFFERENTIAL_RUNS says, from DIFFERENTIAL_SEED on; a failure names the script.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/rule_file.h"
#include "tests/support/script.h"

namespace sockopt::test {
namespace {

// What the scripts' own settings, and `options` of the actor, keep clear of in TCP sockets.
struct PolicyText {
  const char* name;
  const char* text;
};

constexpr PolicyText kPolicies[] = {
    {"every_socket",
     "[sockopt]\nkeepalive = on\nkeepidle = 61s\nkeepcnt = 4\nuser_timeout = 60s\nnodelay = on\n"
     "backlog = 4096\nwindow_clamp = 64K\nrcvbuf = 256K\n"},
    {"accepted_sockets",
     "[sockopt]\nkeepidle = 61s\npriority = 4\nquickack = on\ntos = af21\nlog = debug\n"
     "congestion = nosuch\nttl = 33\nnonsense = 1\nraw.1.10 = 1\n"},
    {"rules",
     "[sockopt]\nkeepalive = on\nkeepidle = 61s\n[rule servers]\nlisten = 127.0.0.1, [::1]\n"
     "keepcnt = 4\nbacklog = 4096\ntos = af21\npriority = 3\n[rule clients]\n"
     "connect = 127.0.0.0/8, [::1], !127.0.0.2\nkeepcnt = 5\nquickack = on\n"},
    {"enforced",
     "[sockopt]\nenforce = yes\nkeepidle = 61s\nnodelay = on\n[rule servers]\nenforce = yes\n"
     "listen = 127.0.0.0/8, [::1]\nkeepcnt = 7\nkeepalive = on\n[rule clients]\nenforce = yes\n"
     "connect = 127.0.0.0/8, [::1]\nkeepcnt = 8\n"},
};

class RandomScript {
 public:
  explicit RandomScript(std::uint64_t seed) : random_(seed) {}

  Script make() {
    Script script;
    const std::size_t steps = 4 + below(16);
    while (script.size() < steps) add_step(script);
    for (const char* name : kNames) script.push_back(std::string("options ") + name);
    script.emplace_back("open-descriptors");
    return script;
  }

 private:
  static constexpr const char* kNames[] = {"a", "b", "c", "d", "e"};

  std::size_t below(std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_);
  }
  template <std::size_t kCount>
  std::string any(const char* const (&list)[kCount]) {
    return list[below(kCount)];
  }
  std::string name() { return any(kNames); }
  std::string number() { return std::to_string(3 + below(8)); }

  std::string new_socket(const char* verb) {
    return std::string(verb) + " " + name() + " " +
           any({"inet", "inet", "inet stream|cloexec tcp", "inet6", "inet6 stream|nonblock",
                "inet stream mptcp", "inet dgram", "inet6 dgram udp", "unix", "unix dgram",
                "unix seqpacket", "inet seqpacket", "none"});
  }
  std::string address() {
    return any({"127.0.0.1", "127.0.0.2", "0.0.0.0", "::1", "::", "unix:@differential-%-1",
                "unix:@differential-%-2", "192.0.2.1"});
  }
  std::string target() {
    return below(3) != 0 && !listeners_.empty() ? listeners_[below(listeners_.size())]
                                                : any({"127.0.0.1:1", "unix:@differential-%-1",
                                                       "::1", "127.0.0.2:1", "unix:/no/such/path"});
  }

  void listener(Script& script) {
    const std::string fd = listeners_.emplace_back(name());
    script.push_back("socket " + fd + any({" inet", " inet6", " inet"}));
    script.push_back("bind " + fd + any({" 127.0.0.1", " ::1", " 0.0.0.0", " ::"}));
    script.push_back("listen " + fd + " 64");
  }
  void accept(Script& script) {
    const std::string fd = name();
    script.push_back("nonblock " + fd);
    script.push_back(below(2) == 0 ? "accept " + name() + " " + fd + any({"", " null"})
                                   : "accept4 " + name() + " " + fd + any({" none", " cloexec"}));
  }
  void set(Script& script) {
    const std::string fd = name();
    script.push_back("set " + fd + " " +
                     any({"TCP_KEEPIDLE 30", "TCP_KEEPCNT 9", "SO_KEEPALIVE 1", "SO_KEEPALIVE 0",
                          "TCP_NODELAY 1", "SO_PRIORITY 2", "IP_TOS 16", "SO_RCVBUF 40000",
                          "TCP_WINDOW_CLAMP 32768", "SO_LINGER 1", "6:200 1", "99:1 1",
                          "SO_REUSEADDR 1", "IPV6_TCLASS 8", "TCP_KEEPINTVL 20"}));
  }

  void add_step(Script& script) {
    switch (below(24)) {
      case 0:
      case 1:
      case 2:
        return script.push_back(new_socket("socket"));
      case 3:
      case 4:
      case 5:
        return listener(script);
      case 6:
      case 7:
        return script.push_back("bind " + name() + " " + address());
      case 8:
        return script.push_back("listen " + name() + any({" 64", " 100", " -1"}));
      case 9:
      case 10:
      case 11:
      case 12:
        return script.push_back("connect " + name() + " " + target());
      case 13:
      case 14:
      case 15:
        return accept(script);
      case 16:
      case 17:
        return set(script);
      case 18:
        return script.push_back(below(2) == 0 ? "dup2 " + name() + " " + number()
                                              : "disconnect " + name());
      case 19:
        return script.push_back("close " + name());
      case 20:
        return script.push_back(new_socket("unseen-socket"));
      case 21:
        return script.push_back("unseen-close " + name());
      case 22:
        return script.push_back(any({"thread", "fork", "vfork", "pipe e", "socketpair d"}));
      default:
        return script.push_back("client " + name() + " " + target());
    }
  }

  std::mt19937_64 random_;
  std::vector<std::string> listeners_;
};

// What each script of them printed, played one after the other by one process: what an earlier one
// left behind in the library is there when the next one begins.
std::vector<std::string> play_each(const std::vector<Script>& scripts,
                                   const Environment& environment) {
  Script whole;
  for (const Script& script : scripts) {
    whole.push_back("apart " + std::to_string(script.size()));
    whole.insert(whole.end(), script.begin(), script.end());
  }
  const Finished finished = run(actor(whole, environment), 20 * kPatience);
  EXPECT_TRUE(finished.success()) << finished.output << finished.error;
  std::vector<std::string> each(1);
  std::istringstream lines(finished.output);
  for (std::string line; std::getline(lines, line);) {
    (each.back() += line) += '\n';
    if (line.starts_with("apart ")) each.emplace_back();
  }
  each.pop_back();
  EXPECT_EQ(each.size(), scripts.size());
  return each;
}

std::uint64_t from_environment(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// What came of each script, however often it was played.
using Outcomes = std::vector<std::set<std::string>>;

void collect(const std::vector<std::string>& played, Outcomes& into) {
  into.resize(played.size());
  for (std::size_t i = 0; i < played.size(); ++i) into[i].insert(played[i]);
}

std::vector<std::size_t> different(const Outcomes& with, const Outcomes& without) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < with.size(); ++i) {
    const auto is_known = [&](const std::string& one) { return without[i].contains(one); };
    if (std::ranges::none_of(with[i], is_known)) found.push_back(i);
  }
  return found;
}

TEST(Differential, NoProgramSeesThatWeAreThere) {
  constexpr std::size_t kBatch = 500;  // as many as fit into the arguments of one process
  constexpr int kTries = 6;
  const std::uint64_t runs = from_environment("DIFFERENTIAL_RUNS", 8'000);
  std::uint64_t seed = from_environment("DIFFERENTIAL_SEED", 1);
  std::uint64_t done = 0;
  std::uint64_t again = 0;
  std::size_t steps = 0;
  for (; done < runs && !HasFailure(); seed += kBatch) {
    std::vector<Script> scripts;
    for (std::size_t i = 0; i < kBatch; ++i) scripts.push_back(RandomScript(seed + i).make());
    Outcomes without;
    collect(play_each(scripts, plain_environment()), without);
    for (const auto& played : without) {
      steps += static_cast<std::size_t>(occurrences(*played.begin(), " = "));
    }
    for (const PolicyText& policy : kPolicies) {
      const RuleFile rules(policy.text);
      Outcomes with;
      collect(play_each(scripts, rules.environment()), with);
      auto left = different(with, without);
      // What is up to the kernel's mood, such as whether a connection is through already, comes out
      // this way and that without us.
      for (int i = 1; i < kTries && !left.empty(); ++i) {
        ++again;
        collect(play_each(scripts, plain_environment()), without);
        collect(play_each(scripts, rules.environment()), with);
        left = different(with, without);
      }
      for (const std::size_t at : left) {
        std::ostringstream script;
        for (const std::string& step : scripts[at]) script << '"' << step << "\" ";
        ADD_FAILURE() << policy.name << ", seed " << seed + at << ", in a batch from " << seed
                      << "\n"
                      << script.str() << "\nwithout:\n"
                      << *without[at].begin() << "with:\n"
                      << *with[at].begin();
      }
      done += kBatch;
    }
  }
  std::cout << done << " runs, " << again << " batches once more" << std::endl;
  EXPECT_GT(steps, 2 * done);
}

}  // namespace
}  // namespace sockopt::test
