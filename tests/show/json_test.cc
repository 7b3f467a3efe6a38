// SPDX-License-Identifier: MIT
//
// The shape of the JSON is a promise: every key is there, with a value of its kind, and no other.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <set>

#include "shim/options/table.h"
#include "tests/support/shown_sockets.h"

namespace sockopt::test {
namespace {

using Json = nlohmann::json;

// What a key may hold.
enum JsonKind : unsigned {
  kNull = 1,
  kNumber = 2,
  kText = 4,
  kTruth = 8,
  kList = 16,
  kObject = 32
};

unsigned kind_of_json(const Json& value) {
  if (value.is_null()) return kNull;
  if (value.is_number_integer()) return kNumber;
  if (value.is_string()) return kText;
  if (value.is_boolean()) return kTruth;
  return value.is_array() ? kList : kObject;
}

// Exactly these keys, in this order.
void expect_shape(const nlohmann::ordered_json& value,
                  const std::vector<std::pair<std::string, unsigned>>& shape) {
  std::vector<std::string> keys;
  for (const auto& [key, _] : value.items()) keys.push_back(key);
  std::vector<std::string> wanted;
  for (const auto& [key, _] : shape) wanted.push_back(key);
  ASSERT_EQ(keys, wanted);
  for (const auto& [key, kinds] : shape) {
    EXPECT_NE(kind_of_json(value.at(key)) & kinds, 0u) << key << ": " << value.at(key);
  }
}

void expect_socket_shape(const nlohmann::ordered_json& socket) {
  expect_shape(socket, {{"state", kText},
                        {"local", kText | kNull},
                        {"peer", kText | kNull},
                        {"netns", kNumber | kNull},
                        {"unit", kText | kNull},
                        {"owners", kList},
                        {"options", kObject},
                        {"queue", kNumber | kNull},
                        {"queue_max", kNumber | kNull},
                        {"drops", kNumber | kNull},
                        {"drops_least", kNumber | kNull},
                        {"drops_most", kNumber | kNull}});
  for (const auto& owner : socket.at("owners")) {
    expect_shape(owner, {{"pid", kNumber}, {"fd", kNumber}, {"program", kText}});
  }
  std::vector<std::string> keys;
  for (const auto& [key, option] : socket.at("options").items()) {
    SCOPED_TRACE(key);
    keys.push_back(key);
    expect_shape(option, {{"value", kNumber | kText | kNull},
                          {"unit", kText | kNull},
                          {"want", kNumber | kText | kNull},
                          {"from", kText | kNull},
                          {"ok", kTruth | kNull}});
  }
  ASSERT_GE(keys.size(), kOptionCount);
  for (std::size_t i = 0; i < kOptionCount; ++i) EXPECT_EQ(keys[i], kOptions[i].key.view());
}

TEST(ShowJson, Schema) {
  const Listener listener;
  const Listener listener6(4, AF_INET6);
  const Connections connections(listener, 2);
  const UniqueFd new_one(socket(AF_INET, SOCK_STREAM, 0));
  const Finished shown =
      show({own_word(), "--json"}, "[sockopt]\nkeepidle = 60s\ncongestion = reno\nraw.1.18 = 5\n");
  const auto json = nlohmann::ordered_json::parse(shown.output);
  expect_shape(json, {{"schema", kText},
                      {"host", kText},
                      {"sockets", kList},
                      {"zmq", kList},
                      {"unreadable", kList}});
  EXPECT_EQ(json["schema"], "sockopt.show/1");
  ASSERT_EQ(json["sockets"].size(), 7u);
  for (const auto& socket : json["sockets"]) expect_socket_shape(socket);
}

TEST(ShowJson, ListenerInTheKernelsUnits) {
  const Listener listener(7);
  listener.set(IPPROTO_TCP, TCP_KEEPIDLE, 61);
  listener.set(IPPROTO_TCP, TCP_USER_TIMEOUT, 107'000);
  const linger five{1, 5};
  setsockopt(listener.fd(), SOL_SOCKET, SO_LINGER, &five, sizeof five);
  const TcpClient waiting = listener.connect();
  const Json socket = socket_at(show_json({own_word()}), listener.text());
  EXPECT_EQ(socket["state"], "LISTEN");
  EXPECT_EQ(socket["peer"], nullptr);
  EXPECT_EQ(socket["queue"], 1);
  EXPECT_EQ(socket["queue_max"], 7);
  EXPECT_EQ(socket["drops"], 0);
  EXPECT_EQ(socket["owners"],
            Json::parse("[{\"pid\":" + own_word() + ",\"fd\":" + std::to_string(listener.fd()) +
                        ",\"program\":\"show_tests\"}]"));
  struct stat space = {};
  stat("/proc/self/ns/net", &space);
  EXPECT_EQ(socket["netns"], space.st_ino);
  const Json& options = socket["options"];
  EXPECT_EQ(options["keepidle"], Json::parse(R"({"value":61,"unit":"s","want":null,"from":null,
                                                 "ok":null})"));
  EXPECT_EQ(options["user_timeout"]["value"], 107'000);
  EXPECT_EQ(options["user_timeout"]["unit"], "ms");
  EXPECT_EQ(options["nodelay"]["value"], 0);
  EXPECT_EQ(options["linger"]["value"], 5);
  EXPECT_EQ(options["backlog"]["value"], 7);
  EXPECT_TRUE(options["congestion"]["value"].is_string());
  EXPECT_EQ(options["v6only"]["value"], nullptr) << "not of this family";
}

TEST(ShowJson, LingerOffAndReset) {
  const Listener off;
  const Listener reset;
  const linger at_once{1, 0};
  setsockopt(reset.fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  const Json shown = show_json({own_word()});
  EXPECT_EQ(socket_at(shown, off.text())["options"]["linger"]["value"], -1);
  EXPECT_EQ(socket_at(shown, reset.text())["options"]["linger"]["value"], 0);
}

TEST(ShowJson, WantedAsTheKernelWouldReportIt) {
  const Listener listener;
  listener.set(IPPROTO_TCP, TCP_KEEPIDLE, 60);
  const Json shown = show_json({own_word()},
                               "[sockopt]\nkeepidle = 60s\nkeepintvl = 9s\nrcvbuf = 32K\n"
                               "quickack = on\n");
  const Json options = socket_at(shown, listener.text())["options"];
  EXPECT_EQ(options["keepidle"], Json::parse(R"({"value":60,"unit":"s","want":60,
                                                 "from":"sockopt.ini:2","ok":true})"));
  EXPECT_EQ(options["keepintvl"], Json::parse(R"({"value":75,"unit":"s","want":9,
                                                  "from":"sockopt.ini:3","ok":false})"));
  EXPECT_EQ(options["rcvbuf"]["want"], 65536) << "doubled";
  EXPECT_EQ(options["quickack"]["ok"], nullptr) << "the kernel changes it by itself";
}

TEST(ShowJson, WantedOfEachPeerByItsOwnRule) {
  const Listener one;
  const Listener other;
  const Connections to_one(one, 2);
  const Connections to_other(other, 2);
  const Json shown = show_json(
      {own_word()}, "[rule a]\nconnect = " + std::to_string(one.port()) +
                        "\nkeepidle = 61s\n[rule b]\nconnect = " + std::to_string(other.port()) +
                        "\nkeepidle = 62s\n");
  const auto expect_want = [&](const Connections& connections, int want) {
    for (const TcpClient& client : connections.clients) {
      const std::string end = "127.0.0.1:" + std::to_string(client.local_port());
      EXPECT_EQ(socket_at(shown, end)["options"]["keepidle"]["want"], want);
    }
  };
  expect_want(to_one, 61);
  expect_want(to_other, 62);
}

TEST(ShowJson, RawOptionOfThePolicy) {
  const Listener listener;
  const Json options =
      socket_at(show_json({own_word()}, "[sockopt]\nraw.1.18 = 5\nraw.6.999 = hex:0102\n"),
                listener.text())["options"];
  EXPECT_EQ(options["raw.1.18"]["value"], 1);
  EXPECT_EQ(options["raw.1.18"]["want"], 5);
  EXPECT_EQ(options["raw.1.18"]["ok"], false);
  EXPECT_EQ(options["raw.6.999"]["value"], nullptr);
  EXPECT_EQ(options["raw.6.999"]["want"], "hex:0102");
  EXPECT_EQ(options["raw.6.999"]["ok"], nullptr);
}

TEST(ShowJson, AllOwnersOfASharedSocket) {
  const Listener listener;
  Process other({.argv = {"sleep", "600"}, .descriptors = {{9, listener.fd()}}});
  const Json shown = show_json({own_word(), std::to_string(other.pid())});
  ASSERT_EQ(shown["sockets"].size(), 1u);
  std::set<std::pair<int, int>> owners;
  for (const Json& owner : shown["sockets"][0]["owners"]) owners.emplace(owner["pid"], owner["fd"]);
  EXPECT_EQ(owners, (std::set<std::pair<int, int>>{{getpid(), listener.fd()}, {other.pid(), 9}}));
}

TEST(ShowJson, NotTogetherWithMetrics) {
  const Finished refused = show({own_word(), "--json", "--prometheus"}, "", 2);
  EXPECT_TRUE(contains(refused.error, "exclude each other"));
}

}  // namespace
}  // namespace sockopt::test
