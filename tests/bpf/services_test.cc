// SPDX-License-Identifier: MIT
//
// The services of the bpf engine: systemd reads them, and the capabilities that they keep are
// enough for what they start.
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "tests/bpf/engine_host.h"
#include "tests/support/paths.h"
#include "tests/support/requirements.h"
#include "tests/support/script.h"
#include "tests/support/servers/process_tree_sockets.h"
#include "tools/inspect/process_sockets.h"

namespace sockopt::test {
namespace {

class Service : public testing::Test {
 protected:
  void SetUp() override { SOCKOPT_NEEDS_ENGINE(); }

  static std::string text_of(const std::string& unit) {
    return read_file(build_directory() / "tools/sockopt/bpf" / unit);
  }
  static std::string value(const std::string& unit, const std::string& key) {
    const std::string text = text_of(unit);
    const std::size_t begin = text.find("\n" + key + "=") + key.size() + 2;
    return text.substr(begin, text.find('\n', begin) - begin);
  }
  // What a line of the unit starts, with what the service may and no more; `words` take the place
  // of the installed command and of what is behind its verb.
  static Command within_bounds(const std::string& unit, std::vector<std::string> words) {
    std::string set = "-all";
    std::istringstream names(value(unit, "CapabilityBoundingSet"));
    for (std::string name; names >> name;) set += ",+" + name.substr(4);
    Command started;
    started.argv = {"setpriv",    "--no-new-privs", "--bounding-set", set,
                    "--inh-caps", "-all",           command_path()};
    started.argv.insert(started.argv.end(), words.begin(), words.end());
    return started;
  }
};

TEST_F(Service, IsReadBySystemd) {
  SOCKOPT_NEEDS("systemd-analyze");
  const TemporaryDirectory files;
  const auto verify = [&](const std::string& name, const std::string& text) {
    const std::string copy = files.write(name, text);
    return run({.argv = {"systemd-analyze", "verify", "--man=no", "--recursive-errors=no", copy}})
        .error;
  };
  for (const char* unit : {"sockopt-watch.service", "sockopt-attach.service"}) {
    std::string text = text_of(unit);
    // The command is not where it will be installed.
    for (std::size_t at = 0; (at = text.find("\nExec", at + 1)) != std::string::npos;) {
      const std::size_t begin = text.find('=', at) + 1;
      text.replace(begin, text.find(' ', begin) - begin, command_path());
    }
    EXPECT_EQ(verify(unit, text), "");
    EXPECT_NE(verify("broken.service", text + "\n[Service]\nNoSuchSetting=yes\n"), "");
  }
  EXPECT_EQ(value("sockopt-watch.service", "Type"), "notify");
}

TEST_F(Service, WatchesWithItsCapabilities) {
  const TestCgroup cgroup;
  ASSERT_TRUE(cgroup.attach("[rule a]\nprogram = keeper*\nbacklog = 300\nlinger = 7s\n").success());
  Process watch(within_bounds("sockopt-watch.service", {"watch"}));
  ASSERT_TRUE(eventually(kPatience,
                         [&] { return contains(watch.output(), "watching") || !watch.running(); }));
  const TemporaryDirectory files;
  const std::filesystem::path copy = files / "keeper";
  std::filesystem::copy_file(program("keeper_static"), copy);
  Process keeper(cgroup.inside({.argv = {"setpriv", "--reuid=65534", "--clear-groups", copy}}));
  const auto has_all = [&] {
    for (const SocketSnapshot& socket : list_sockets(keeper.pid()).sockets) {
      if (socket.facts.listening) {
        return socket.facts.queue_limit == 300u && socket.text("linger") == "7s";
      }
    }
    return false;
  };
  EXPECT_TRUE(eventually(kPatience, has_all)) << watch.error() << keeper.error();
}

// Each line as it is, but for the cgroup, which is not that of the whole host.
TEST_F(Service, AttachesAndDetachesWithItsCapabilities) {
  constexpr char kUnit[] = "sockopt-attach.service";
  const TestCgroup cgroup;
  const TemporaryDirectory files;
  const std::string file = files.write("sockopt.ini", "[sockopt]\nkeepidle = 61s\n");
  const auto obey = [&](const char* key, const std::string& verb) {
    const std::string line = value(kUnit, key);
    EXPECT_TRUE(line.ends_with("/sockopt " + verb + " --host")) << line;
    Command command = within_bounds(kUnit, {verb, "--cgroup", cgroup.path()});
    command.environment["SOCKOPT_CONFIG"] = file;
    const Finished finished = run(command);
    EXPECT_TRUE(finished.success()) << line << ": " << finished.error;
  };
  const auto expect_keepidle = [&](int seconds) {
    play(cgroup.inside(actor("listener l; get l TCP_KEEPIDLE = " + std::to_string(seconds),
                             plain_environment())),
         Where::current());
  };
  obey("ExecStart", "attach");
  expect_keepidle(61);
  files.write("sockopt.ini", "[sockopt]\nkeepidle = 62s\n");
  obey("ExecReload", "attach");
  expect_keepidle(62);
  obey("ExecStop", "detach");
  expect_keepidle(7200);
  EXPECT_FALSE(contains(sockopt({"attach", "--list"}).output, cgroup.path()));
}

}  // namespace
}  // namespace sockopt::test
