// SPDX-License-Identifier: MIT
//
// `sockopt enable --engine bpf`: a drop-in that attaches at each start and detaches at the end, in
// the place of the library.
#include <filesystem>
#include <nlohmann/json.hpp>
#include <regex>

#include "tests/enable/service_tree.h"

namespace sockopt::test {
namespace {

constexpr char kDaemon[] = "daemon.service";
constexpr char kAttacher[] = "/usr/bin/sockopt";

class EnableEngine : public testing::Test {
 protected:
  EnableEngine() {
    tree_.service(kDaemon);
    tree_.install_command();
  }
  Finished enable(std::vector<std::string> more = {}, const std::string& unit = "daemon") {
    more.insert(more.end(), {"--engine", "bpf", unit});
    return tree_.enable(more);
  }
  ServiceTree tree_;
};

TEST_F(EnableEngine, WritesWhatAttachesAndDetaches) {
  const Finished finished = enable();
  ASSERT_TRUE(ends_with_status(finished, 0));
  EXPECT_EQ(finished.output, "changed: " + tree_.root() + ServiceTree::drop_in(kDaemon) + "\n");
  const std::string command = kAttacher;
  EXPECT_TRUE(std::regex_match(
      tree_.written(kDaemon),
      std::regex("# Written by `sockopt enable --engine bpf daemon.service`; `sockopt disable "
                 "daemon.service` removes it.\n#.*\n# .* checksum: [0-9a-f]{16}\n\\[Service\\]\n"
                 "ExecStartPre=-\\+" +
                 command + " attach -u %n\nExecStopPost=-\\+" + command + " detach -u %n\n")))
      << tree_.written(kDaemon);
  EXPECT_TRUE(contains(enable().output, "unchanged: "));
  const Finished removed = tree_.disable({"daemon"});
  ASSERT_TRUE(ends_with_status(removed, 0));
  EXPECT_FALSE(tree_.exists(ServiceTree::drop_in(kDaemon)));
}

TEST_F(EnableEngine, TakesAConfigurationAndTurnsIntoTheOtherEngine) {
  tree_.write("/etc/own.ini", "[sockopt]\nkeepalive = on\n");
  ASSERT_TRUE(ends_with_status(enable({"-c", "/etc/own.ini"}), 0));
  EXPECT_TRUE(contains(tree_.written(kDaemon), "Environment=\"SOCKOPT_CONFIG=/etc/own.ini\"\n"));
  EXPECT_EQ(tree_.preload(kDaemon), "");
  ASSERT_TRUE(ends_with_status(tree_.enable({"--engine", "preload", "daemon"}), 0));
  EXPECT_EQ(tree_.preload(kDaemon), kLibrary);
  EXPECT_FALSE(contains(tree_.written(kDaemon), "attach"));
}

TEST_F(EnableEngine, SaysWhatItLeavesToTheLibraryForZeroMq) {
  tree_.write(kConfiguration, "[sockopt]\nkeepalive = on\n[zmq]\nlinger = 5s\n");
  EXPECT_TRUE(contains(enable().error,
                       "what is configured for ZeroMQ's sockets is not set: only "
                       "libsockopt-zmq.so sets it"));
}

// Else it starts without the options.
TEST_F(EnableEngine, RequiredItMustAttach) {
  ASSERT_TRUE(ends_with_status(enable({"--require"}), 0));
  EXPECT_TRUE(contains(tree_.written(kDaemon), "\nExecStartPre=+" + std::string(kAttacher)));
  EXPECT_TRUE(contains(tree_.written(kDaemon), "\nExecStopPost=-+"));
}

TEST_F(EnableEngine, NeedsTheCommandAndNoLibrary) {
  ServiceTree bare;
  bare.service(kDaemon);
  const Finished refused = bare.enable({"--engine", "bpf", "daemon"});
  EXPECT_EQ(status(refused), 1);
  EXPECT_TRUE(contains(refused.error, "--engine bpf needs the sockopt command there"));
  std::filesystem::remove(tree_.root() + kLibrary);
  EXPECT_TRUE(ends_with_status(enable(), 0));
}

TEST_F(EnableEngine, AWrongConfigurationIsNotWrittenFor) {
  tree_.write(kConfiguration, "[sockopt]\nkeepidle = abc\n");
  const Finished refused = enable();
  EXPECT_EQ(status(refused), 1);
  EXPECT_TRUE(contains(refused.error, "nothing was written"));
  EXPECT_FALSE(tree_.exists(ServiceTree::drop_in(kDaemon)));
}

TEST_F(EnableEngine, SaysWhatItDoesNotSet) {
  tree_.write(kConfiguration,
              "[sockopt]\nkeepalive = on\nbacklog = 9\nsndtimeo = 5s\n"
              "[rule a]\nprogram = /opt/x\nnodelay = on\n");
  const Finished finished = enable();
  EXPECT_EQ(status(finished), 0);
  EXPECT_TRUE(contains(finished.error, "not set by the bpf engine: backlog"));
  EXPECT_TRUE(contains(finished.error, "not set by the bpf engine: sndtimeo; only the library"));
  EXPECT_TRUE(contains(finished.error, "`program = /opt/x` matches nothing here"));
}

// What systemd opens is in systemd's own cgroup.
TEST_F(EnableEngine, AListenerOfASocketUnitIsOutOfReach) {
  tree_.write("/usr/lib/systemd/system/daemon.socket", "[Socket]\nListenStream=80\n");
  EXPECT_EQ(enable().error, "") << "it is not in use";
  tree_.write("/usr/lib/systemd/system/other.service",
              "[Unit]\nRequires=other.socket\n[Service]\nExecStart=/usr/sbin/daemon\n");
  const Finished finished = enable({}, "other");
  EXPECT_EQ(status(finished), 0);
  EXPECT_TRUE(contains(finished.error,
                       "other.socket opens its listeners, which belong to systemd's cgroup"));
}

TEST_F(EnableEngine, ALaterDropInThatTakesItAwayIsSaid) {
  tree_.write("/etc/systemd/system/daemon.service.d/zzz.conf", "[Service]\nExecStartPre=\n");
  const Finished finished = enable();
  EXPECT_EQ(status(finished), 4);
  EXPECT_TRUE(contains(finished.error, "an empty ExecStartPre= in a later drop-in removes"));
}

TEST_F(EnableEngine, AsJson) {
  const Finished finished = enable({"--json"});
  ASSERT_TRUE(ends_with_status(finished, 0));
  const auto unit = nlohmann::json::parse(finished.output).at("units").at(0);
  EXPECT_EQ(unit["engine"], "bpf");
  EXPECT_EQ(unit["reaches"], true);
  EXPECT_EQ(unit["findings"][0]["level"], "ok");
  EXPECT_EQ(unit["findings"][0]["topic"], "bpf");
}

}  // namespace
}  // namespace sockopt::test
