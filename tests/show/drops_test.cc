// SPDX-License-Identifier: MIT
//
// DROPS is connections that were lost, and not those that defer_accept holds back, though the
// kernel counts them in one number.
#include <memory>

#include "tests/support/requirements.h"
#include "tests/support/shown_sockets.h"

namespace sockopt::test {
namespace {

// Clients that are served one after the other, each a moment after it connected.
const std::string kServed =
    "import threading, time\n"
    "def serve():\n"
    "  for i in range(8): a = l.accept()[0]; a.recv(1); a.close()\n"
    "t = threading.Thread(target=serve); t.start()\n"
    "for i in range(8):\n"
    "  c = socket.create_connection(l.getsockname()); time.sleep(0.01); c.send(b'x'); c.close()\n"
    "t.join()\n";
// More clients than its queue takes, which are turned away.
const std::string kOverflow =
    "o = []\n"
    "for i in range(6):\n"
    "  c = socket.socket(); c.setblocking(False); c.connect_ex(l.getsockname()); o.append(c)\n"
    "  time.sleep(0.01)\n"
    "  try: c.send(b'x')\n"
    "  except OSError: pass\n";

std::string listener(const std::string& options) {
  return "import time\n"
         "os.system('ip link set lo up')\n"
         "l = socket.socket(); l.bind(('127.0.0.1', 0))\n" +
         options + "l.listen(2)\n";
}
const std::string kDefers = "l.setsockopt(6, socket.TCP_DEFER_ACCEPT, 5)\n";

class ShowDrops : public testing::Test {
 protected:
  void SetUp() override {
    SOCKOPT_NEEDS_ROOT("to make a network namespace");
    SOCKOPT_NEEDS_NAMESPACES("--net");
  }

  void hold(const std::string& python) {
    holder_ = std::make_unique<Holder>(python, std::vector<std::string>{"unshare", "--net"});
  }
  std::string column() {
    return words_of(line_with(show({holder_->word()}).output, "LISTEN")).at(4);
  }
  std::string metric(const std::string& name) {
    return words_of(line_with(show({holder_->word(), "--prometheus"}).output, name + "{")).back();
  }
  nlohmann::json json() { return show_json({holder_->word()})["sockets"][0]["drops"]; }

  std::unique_ptr<Holder> holder_;
};

TEST_F(ShowDrops, AreNoneWhereConnectionsWereDeferred) {
  hold(listener(kDefers) + kServed);
  EXPECT_EQ(column(), "0");
  EXPECT_EQ(metric("sockopt_listener_drops_total"), "0");
  EXPECT_EQ(metric("sockopt_listener_drops_and_deferrals_total"), "8");
  EXPECT_EQ(json(), 0);
  EXPECT_FALSE(contains(show({holder_->word()}).output, "DROPS as a range"));
  const std::string found = sockopt({"doctor", holder_->word()}).output;
  EXPECT_FALSE(contains(found, "LISTEN")) << found;
}

TEST_F(ShowDrops, AreThoseOfAFullQueue) {
  hold(listener("") + kServed + kOverflow);
  EXPECT_NE(column(), "0");
  EXPECT_FALSE(column().starts_with("0..")) << "it is sure that there were some";
  EXPECT_NE(metric("sockopt_listener_drops_total"), "0");
  EXPECT_TRUE(contains(sockopt({"doctor", holder_->word()}).output, "WARN queue"));
}

TEST_F(ShowDrops, OfAFullQueueShowAmongThoseThatWereDeferred) {
  hold(listener(kDefers) + kServed + kOverflow);
  EXPECT_NE(metric("sockopt_listener_drops_total"), "0");
  EXPECT_TRUE(contains(sockopt({"doctor", holder_->word()}).output, "WARN queue"));
}

// Nothing that is not shown, and nothing that does not differ.
TEST_F(ShowDrops, TheFixIsForWhatIsShown) {
  hold(listener("l.setsockopt(6, socket.TCP_NODELAY, 1)\n") +
       "calm = socket.create_server(('127.0.0.1', 0))\n" + kOverflow);
  const auto shown = [&](const std::vector<std::string>& more) {
    std::vector<std::string> words = {"show", "--strict", "-o", "nodelay=on", holder_->word()};
    words.insert(words.end(), more.begin(), more.end());
    return sockopt(words);
  };
  EXPECT_TRUE(contains(shown({}).output,
                       "Fix: sockopt apply --established -o nodelay=on " + holder_->word() + '\n'));
  const Finished drops = shown({"--drops"});
  EXPECT_TRUE(contains(drops.output, "1 group, none differs from -o.\n")) << drops.output;
  EXPECT_FALSE(contains(drops.output, "Fix: ")) << drops.output;
  EXPECT_EQ(status(drops), 0);
  EXPECT_EQ(status(shown({})), 1);
}

TEST_F(ShowDrops, TheFixNamesTheProcessesThatAreShown) {
  hold(listener("") + kOverflow);
  const Listener calm;
  const std::vector<std::string> words = {"show",       "--drops",  "-o",
                                          "nodelay=on", own_word(), holder_->word()};
  const std::string drops = sockopt(words).output;
  EXPECT_TRUE(contains(drops, "Fix: sockopt apply -o nodelay=on " + holder_->word() + '\n'))
      << drops;
}

// Another one drops, so that of this one nothing is sure.
TEST_F(ShowDrops, AreARangeWhereTheyCannotBeToldApart) {
  hold(listener(kDefers) + kServed +
       "first = l; l = socket.socket(); l.bind(('127.0.0.1', 0)); l.listen(0)\n" + kOverflow);
  const Finished shown = show({holder_->word()});
  EXPECT_TRUE(contains(shown.output, " 0..")) << shown.output;
  EXPECT_TRUE(contains(shown.output, "DROPS as a range: the kernel counts"));
  EXPECT_TRUE(contains(sockopt({"doctor", holder_->word()}).output,
                       "it may have dropped new connections: the kernel's counter ("));
}

// The queue is full when the handshakes of six clients end, whose SYNs came while it was not: each
// of these packets counts twice. What another listener drops is no reason to count it of this one.
TEST_F(ShowDrops, AreNeverMoreThanThereWere) {
  hold(listener(kDefers) +
       "import sys\n"
       "l.listen(64); o = [socket.create_connection(l.getsockname()) for i in range(9)]\n"
       "l.listen(2)\n"
       "for c in o: c.send(b'x')\n"
       "l.listen(100)\n"
       "r = dict(zip(*[x.split() for x in open('/proc/net/netstat')][0:2]))\n"
       "first = l; l = socket.socket(); l.bind(('127.0.0.1', 0)); l.listen(0)\n" +
       kOverflow + "print(r['ListenDrops'], file=sys.stderr, flush=True)\n");
  const auto dropped = std::stoull(holder_->process().error());
  EXPECT_GT(dropped, 0U);
  int found = 0;
  const nlohmann::json shown = show_json({holder_->word()});
  for (const auto& socket : shown.at("sockets")) {
    if (socket["queue_max"] != 100) continue;
    ++found;
    EXPECT_LE(socket["drops_least"], dropped) << socket;
    EXPECT_GE(socket["drops_most"], dropped) << socket;
  }
  EXPECT_EQ(found, 1);
}

TEST_F(ShowDrops, OfMptcpAreNotCountedByTheKernel) {
  SOCKOPT_NEEDS_MPTCP();
  hold(
      "os.system('ip link set lo up')\n"
      "l = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)\n"
      "l.bind(('127.0.0.1', 0)); l.listen(2)\n");
  EXPECT_EQ(column(), "?");
  EXPECT_TRUE(json().is_null());
}

}  // namespace
}  // namespace sockopt::test
