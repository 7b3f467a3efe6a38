// SPDX-License-Identifier: MIT
//
// What a command says that was built without the engine: what is missing, and what to do. That file
// stands in for those of the engine, which this program has; here its functions have other names.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <variant>

#include "tests/bpf/engine_host.h"
#include "tools/sockopt/bpf/attachments.h"
#include "tools/sockopt/bpf/watcher.h"

namespace sockopt {
std::string missing_engine_lacks();
}

#define SOCKOPT_BPF_LACKS "clang, bpftool"
#define engine_lacks missing_engine_lacks
#define attach_policy missing_attach_policy
#define list_attachments missing_list_attachments
#define detach_cgroup missing_detach_cgroup
#define watch missing_watch
#include "tools/sockopt/bpf/engine_missing.cc"
#undef engine_lacks
#undef attach_policy
#undef list_attachments
#undef detach_cgroup
#undef watch

namespace sockopt::test {
namespace {

constexpr char kSaid[] =
    "this command was built without the bpf engine (without clang, bpftool); install clang, "
    "bpftool, and build it again";

TEST(EngineThatIsMissing, IsSaidByEachCallWithWhatIsMissing) {
  const auto policy = std::make_unique<Policy>();
  EXPECT_EQ(missing_engine_lacks(), "without clang, bpftool");
  EXPECT_EQ(std::get<Finding>(missing_attach_policy({"/", "--host", *policy})).sentence(), kSaid);
  EXPECT_EQ(std::get<Finding>(missing_list_attachments()).sentence(), kSaid);
  EXPECT_EQ(std::get<Finding>(missing_detach_cgroup(1)).sentence(), kSaid);
}

TEST(EngineThatIsMissing, IsSaidByTheCommandThatLacksIt) {
  const std::string lacks = engine_lacks();
  const std::string said = "was built without the bpf engine";
  const Finished attached = sockopt({"attach", "--list"});
  EXPECT_EQ(attached.error.find(said) != std::string::npos, !lacks.empty()) << attached.error;
  const TemporaryDirectory files;
  const std::string file = files.write("a.ini", "[sockopt]\nkeepalive = on\n");
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"explain", "--engine", "bpf", "-c", file},
        {"check", "--engine", "bpf", file}}) {
    const Finished finished = sockopt(words);
    EXPECT_EQ(status(finished), 0) << "what a policy gives is known all the same";
    EXPECT_EQ(finished.error.find(said) != std::string::npos, !lacks.empty()) << finished.error;
  }
}

}  // namespace
}  // namespace sockopt::test
