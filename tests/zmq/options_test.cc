// SPDX-License-Identifier: MIT
//
// The table, compared with the libzmq that is installed; and each of its options, set.
#include <algorithm>
#include <map>
#include <regex>

#include "shim/options/value.h"
#include "shim/zmq/assignment.h"
#include "shim/zmq/table.h"
#include "tests/support/sockopt_command.h"
#include "tests/zmq/zmq_library.h"

namespace sockopt::test {
namespace {

constexpr int kReq = static_cast<int>(zmq::find_type("req"));

// The numbers of zmq.h, by its names.
std::map<std::string, int> header_numbers() {
  std::map<std::string, int> numbers;
  const std::string text = read_file("/usr/include/zmq.h");
  static const std::regex kDefine("#define (ZMQ_[A-Z_0-9]+) ([0-9]+)\n");
  for (std::sregex_iterator it(text.begin(), text.end(), kDefine), end; it != end; ++it) {
    numbers[(*it)[1]] = std::stoi((*it)[2]);
  }
  return numbers;
}

std::vector<std::string> join(const std::vector<std::vector<std::string>>& parts) {
  std::vector<std::string> all;
  for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

std::vector<std::string> make(int type) { return {"make", std::to_string(type)}; }
std::vector<std::string> set(const zmq::Row& row, std::int64_t value) {
  return {"set", std::to_string(row.option.ipv4.name), std::to_string(value)};
}
std::vector<std::string> get(const zmq::Row& row) {
  return {"get", std::to_string(row.option.ipv4.name)};
}

// The value in the table's example, as a number.
int example_of(const zmq::Row& row) {
  Value value{};
  TextOf<200> error;
  EXPECT_TRUE(parse_value(row.option, row.manual.example, value, error)) << error.view();
  return static_cast<int>(value.number(row.option.kind));
}

TEST(ZmqTable, HasTheNumbersOfTheHeader) {
  SOCKOPT_NEEDS_ZMQ();
  const auto numbers = header_numbers();
  for (const zmq::Row& row : zmq::kRows) {
    const std::string name(row.manual.constant);
    ASSERT_TRUE(numbers.contains(name)) << name;
    EXPECT_EQ(row.option.ipv4.name, numbers.at(name)) << name;
  }
  for (std::size_t type = 0; type < zmq::kTypeCount; ++type) {
    std::string name = "ZMQ_" + std::string(zmq::kTypeNames[type].view());
    std::transform(name.begin(), name.end(), name.begin(), to_upper);
    ASSERT_TRUE(numbers.contains(name)) << name;
    EXPECT_EQ(static_cast<int>(type), numbers.at(name)) << name;
  }
}

TEST(ZmqTable, HasTheRangesOfLibzmq) {
  SOCKOPT_NEEDS_ZMQ();
  std::vector<std::vector<std::string>> words = {make(kReq)};
  for (const zmq::Row& row : zmq::kRows) {
    words.insert(words.end(), {set(row, row.option.min), set(row, row.option.max), set(row, -1)});
  }
  const auto answers = probe(join(words), plain_environment());
  ASSERT_EQ(answers.size(), 1 + 3 * zmq::kOptionCount);
  for (std::size_t i = 0; i < zmq::kOptionCount; ++i) {
    const zmq::Row& row = zmq::kRows[i];
    const auto key = row.option.key.view();
    EXPECT_EQ(answers[1 + 3 * i], "set: 0") << key << " at least";
    EXPECT_EQ(answers[2 + 3 * i], "set: 0") << key << " at most";
    // Of a time that is told in tenths of a second, -1 is cut to none.
    if (row.option.read_back == ReadBack::kRounded) continue;
    EXPECT_EQ(answers[3 + 3 * i] == "set: 0", row.has_minus_one) << key;
  }
}

// Every type that a row is for takes it, and no other.
TEST(ZmqTable, HasTheTypesOfLibzmq) {
  SOCKOPT_NEEDS_ZMQ();
  std::vector<std::vector<std::string>> words;
  for (std::size_t type = 0; type < zmq::kTypeCount; ++type) {
    words.push_back(make(static_cast<int>(type)));
    for (const zmq::Row& row : zmq::kRows) words.push_back(set(row, example_of(row)));
  }
  const auto answers = probe(join(words), plain_environment());
  std::size_t at = 0;
  for (std::size_t type = 0; type < zmq::kTypeCount; ++type) {
    const bool exists = answers.at(at++).starts_with("make: 1");
    for (const zmq::Row& row : zmq::kRows) {
      const std::string& answer = answers.at(at++);
      if (!exists) continue;  // a draft that this libzmq was built without
      EXPECT_EQ(answer == "set: 0", (row.types & zmq::type_bit(type)) != 0)
          << row.option.key.view() << " on " << zmq::kTypeNames[type].view() << ": " << answer;
    }
  }
}

// What a socket has without us is not the example, which each has with us.
TEST(ZmqOptions, EachIsSet) {
  SOCKOPT_NEEDS_ZMQ();
  std::vector<std::vector<std::string>> words = {make(kReq)};
  std::string file = "[zmq]\n";
  for (const zmq::Row& row : zmq::kRows) {
    words.push_back(get(row));
    file.append(row.option.key.view()).append(" = ").append(row.manual.example).append("\n");
  }
  const TemporaryDirectory directory;
  const Environment environment =
      zmq_environment({{"SOCKOPT_CONFIG", directory.write("sockopt.ini", file)}});
  std::string error;
  const auto with = probe(join(words), environment, &error);
  const auto without = probe(join(words), plain_environment());
  ASSERT_EQ(with.size(), 1 + zmq::kOptionCount);
  EXPECT_EQ(with[0], "make: 1, errno kept");
  for (std::size_t i = 0; i < zmq::kOptionCount; ++i) {
    const zmq::Row& row = zmq::kRows[i];
    if (row.types == zmq::kReqOnly) continue;  // libzmq tells nobody; cured_test.cc shows them
    EXPECT_NE(with[i + 1], without.at(i + 1)) << row.option.key.view();
    EXPECT_EQ(with[i + 1], "get: 0 " + std::to_string(example_of(row))) << row.option.key.view();
  }
  EXPECT_EQ(error, "");
}

TEST(ZmqOptions, ComeFromVariablesAndRules) {
  SOCKOPT_NEEDS_ZMQ();
  const TemporaryDirectory directory;
  const std::string file = directory.write("sockopt.ini",
                                           "[zmq]\nlinger = 1s\nsndhwm = 5\nrcvhwm = 5\n"
                                           "[rule a]\nprogram = probe\nzmq = dealer\nlinger = -1\n"
                                           "[rule b]\nprogram = other\nzmq = *\nlinger = 3s\n");
  const Environment environment =
      zmq_environment({{"SOCKOPT_CONFIG", file}, {"SOCKOPT_ZMQ_RCVHWM", "6"}});
  const auto answers = probe(
      {"make", "5", "get", "17", "get", "23", "get", "24", "make", "6", "get", "17"}, environment);
  EXPECT_EQ(answers, (std::vector<std::string>{"make: 1, errno kept", "get: 0 -1", "get: 0 5",
                                               "get: 0 6", "make: 1, errno kept", "get: 0 1000"}));
}

TEST(ZmqOptions, WhatLibzmqRefusesIsReportedOnce) {
  SOCKOPT_NEEDS_ZMQ();
  std::string error;
  const auto answers =
      probe({"make", "5", "make", "5", "make", "6", "get", "17"},
            zmq_environment({{"SOCKOPT_ZMQ_RAW_9999", "3"}, {"SOCKOPT_ZMQ_LINGER", "2s"}}), &error);
  EXPECT_EQ(answers.back(), "get: 0 2000");
  EXPECT_EQ(count(error, "\n"), 1) << error;
  EXPECT_TRUE(contains(error,
                       "warning: ZeroMQ DEALER socket: raw.9999 = 3 (SOCKOPT_ZMQ_RAW_9999) "
                       "was not set: libzmq "));
}

TEST(ZmqOptions, FaultsAreSaidAtTheFirstSocketAndOnce) {
  SOCKOPT_NEEDS_ZMQ();
  const TemporaryDirectory directory;
  const std::string file = directory.write("sockopt.ini", "[zmq]\nlingre = 1s\n[sockopt]\nbad\n");
  const Environment settings = {{"SOCKOPT_CONFIG", file}};
  std::string error;
  probe({}, both_environment(settings), &error);
  EXPECT_EQ(error, "");
  probe({"make", "5", "make", "5", "bind", "tcp://127.0.0.1:*"}, both_environment(settings),
        &error);
  EXPECT_TRUE(contains(error, "sockopt.ini:2:1: unknown ZeroMQ option `lingre`"));
  EXPECT_EQ(count(error, "lingre"), 1) << error;
  EXPECT_EQ(count(error, "sockopt.ini:4"), 1) << "both libraries read that line: " << error;
  EXPECT_EQ(count(error, "\n"), 2) << error;
}

// A filter that the program installs may kill it for a call of ours.
TEST(ZmqOptions, NoCallIsMadeToSayNothing) {
  SOCKOPT_NEEDS_ZMQ();
  for (const char* level : {"warn", "off"}) {
    const Finished filtered =
        run({.argv = {zmq_program("filtered")},
             .environment = both_environment({{"SOCKOPT_ZMQ_LINGER", "1234ms"},
                                              {"SOCKOPT_ENFORCE", "1"},
                                              {"SOCKOPT_LOG", level}})});
    EXPECT_EQ(filtered.output, "linger 1234\n") << filtered.error;
  }
}

TEST(ZmqOptions, EachSocketIsLoggedAtDebug) {
  SOCKOPT_NEEDS_ZMQ();
  std::string error;
  probe({"make", "6", "make", "3"},
        zmq_environment({{"SOCKOPT_LOG", "debug"}, {"SOCKOPT_ZMQ_REQ_RELAXED", "on"}}), &error);
  EXPECT_TRUE(contains(error, "]: ZeroMQ ROUTER socket created\n"));
  EXPECT_TRUE(contains(error, "]: ZeroMQ REQ socket created\n"));
  EXPECT_TRUE(
      contains(error, "]: ZeroMQ REQ socket: req_relaxed = on (SOCKOPT_ZMQ_REQ_RELAXED)\n"));
  EXPECT_EQ(count(error, "ROUTER socket:"), 0) << error;
}

TEST(ZmqOptions, NoneIsSetWhereVariablesAreNotTrustedOrTheLibraryIsDisabled) {
  SOCKOPT_NEEDS_ZMQ();
  for (const Environment& settings :
       {Environment{{"SOCKOPT_ZMQ_LINGER", "2s"}, {"SOCKOPT_DISABLE", "1"}},
        Environment{{"SOCKOPT_ZMQ_LINGER", ""}}}) {
    const auto answers = probe({"make", "5", "get", "17"}, zmq_environment(settings));
    EXPECT_EQ(answers.back(), "get: 0 -1");
  }
}

}  // namespace
}  // namespace sockopt::test
