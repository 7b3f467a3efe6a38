// SPDX-License-Identifier: MIT
//
// Which setting wins for which type of socket, in which program.
#include <gtest/gtest.h>

#include "shim/zmq/plan.h"
#include "tests/unit/zmq/reading.h"

namespace sockopt::test {
namespace {

constexpr int kUnknownType = 40;

int number_of_type(std::string_view name) { return static_cast<int>(zmq::find_type(name)); }

class ZmqPlan : public testing::Test {
 protected:
  void read(const std::string& text, const std::vector<std::string>& variables = {}) {
    read_ = std::make_unique<ZmqConfiguration>(text, variables);
    ASSERT_TRUE(read_->faults().empty()) << read_->rendered();
    program_.set("/usr/bin/broker", {}, {});
    plan_ = std::make_unique<zmq::Plan>();
    plan_->make(read_->policy(), program_);
  }

  // `5s !` where it is enforced, `ignore`, or `-`.
  std::string value(std::string_view type, std::string_view key) const {
    return value(number_of_type(type), key);
  }
  std::string value(int type, std::string_view key) const {
    const Decision& decision = plan_->decision(type);
    const OptionId id = zmq::find_key(key);
    if (decision.ignored.contains(id)) return "ignore";
    if (!decision.wanted.contains(id)) return "-";
    TextOf<64> text;
    read_->policy().describe_value(*decision.settings[id], text);
    if (decision.enforced.contains(id)) text << " !";
    return std::string(text.view());
  }

  std::unique_ptr<ZmqConfiguration> read_;
  std::unique_ptr<zmq::Plan> plan_;
  Program program_;
};

TEST_F(ZmqPlan, TheLastRuleWinsForItsTypes) {
  read(
      "[zmq]\nlinger = 1s\nsndhwm = 5\n"
      "[rule a]\nzmq = req, dealer\nlinger = 2s\nenforce = yes\n"
      "[rule b]\nzmq = !pub, !req\nlinger = 3s\nsndhwm = default\n");
  EXPECT_EQ(value("req", "linger"), "2s !");
  EXPECT_EQ(value("dealer", "linger"), "3s");
  EXPECT_EQ(value("pub", "linger"), "1s");
  EXPECT_EQ(value("req", "sndhwm"), "5");
  EXPECT_EQ(value("dealer", "sndhwm"), "-");
}

TEST_F(ZmqPlan, RulesForOtherProgramsAreGone) {
  read(
      "[rule a]\nprogram = server\nzmq = *\nlinger = 2s\n"
      "[rule b]\nzmq = *\nprogram = bro*, !brother\nsndhwm = 7\n");
  EXPECT_EQ(value("req", "linger"), "-");
  EXPECT_EQ(value("req", "sndhwm"), "7");
}

TEST_F(ZmqPlan, VariablesWin) {
  read("[rule a]\nzmq = *\nlinger = 2s\nrcvhwm = 8\n",
       {"SOCKOPT_ZMQ_LINGER=-1", "SOCKOPT_ENFORCE=1"});
  EXPECT_EQ(value("req", "linger"), "-1 !");
  EXPECT_EQ(value("req", "rcvhwm"), "8");
}

TEST_F(ZmqPlan, AnOptionIsForTheSocketsThatHaveIt) {
  read("[zmq]\nreq_relaxed = on\nlinger = ignore\n");
  EXPECT_EQ(value("req", "req_relaxed"), "on");
  EXPECT_EQ(value("dealer", "req_relaxed"), "-");
  EXPECT_EQ(value("dealer", "linger"), "ignore");
  EXPECT_EQ(plan_->enforceable(), OptionSet::of(zmq::find_key("linger")));
}

TEST_F(ZmqPlan, ATypeThatIsNotKnownHasNothing) {
  read("[zmq]\nlinger = 1s\n");
  EXPECT_EQ(value(kUnknownType, "linger"), "-");
  EXPECT_EQ(value(-1, "linger"), "-");
  EXPECT_FALSE(plan_->empty());
}

TEST_F(ZmqPlan, IsEmptyWhereNothingIsSet) {
  read(
      "[sockopt]\nkeepalive = on\n[zmq]\nlinger = default\n[rule a]\nprogram = x\nzmq = *\nsndhwm "
      "= 1\n");
  EXPECT_TRUE(plan_->empty());
}

}  // namespace
}  // namespace sockopt::test
