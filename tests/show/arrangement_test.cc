// SPDX-License-Identifier: MIT
//
// What is shown of many listeners, and in which order.
#include <netinet/in.h>

#include "tests/support/shown_sockets.h"

namespace sockopt::test {
namespace {

// A connection that finds the queue full.
UniqueFd late_for(const Listener& listener) {
  UniqueFd late(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  socklen_t size = sizeof address;
  getsockname(listener.fd(), reinterpret_cast<sockaddr*>(&address), &size);
  connect(late.get(), reinterpret_cast<const sockaddr*>(&address), size);
  return late;
}

TEST(ShowArrangement, OnlyListenersThatDropped) {
  const Listener quiet;
  EXPECT_EQ(show({own_word(), "--drops"}).output, "No listener has dropped a connection.\n");
  const Listener full(0);
  const TcpClient fits = full.connect();
  const UniqueFd late = late_for(full);
  std::string shown;
  EXPECT_TRUE(eventually(kPatience, [&] {
    shown = show({own_word(), "--drops"}).output;
    return shown.find(full.text()) != std::string::npos;
  }));
  EXPECT_EQ(shown.find(quiet.text()), std::string::npos) << shown;
  EXPECT_TRUE(contains(shown, "\n1 group"));
}

TEST(ShowArrangement, InTheOrderThatIsAskedFor) {
  const Listener first;
  const Listener second;
  const Listener& fuller = first.text() < second.text() ? second : first;
  const Listener& other = first.text() < second.text() ? first : second;
  const TcpClient waiting = fuller.connect();
  const auto is_first = [&](const Listener& listener, const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {own_word()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const std::string shown = show(arguments).output;
    const Listener& last = &listener == &first ? second : first;
    return shown.find(listener.text()) < shown.find(last.text());
  };
  EXPECT_TRUE(is_first(fuller, {"--sort", "queue"}));
  if (first.text().size() == second.text().size()) {
    EXPECT_TRUE(is_first(other, {}));
    EXPECT_TRUE(is_first(other, {"--sort", "address"}));
    EXPECT_TRUE(is_first(other, {"--sort", "program"})) << "what is equal stays in its order";
  }
}

TEST(ShowArrangement, IsOfJsonToo) {
  const Listener quiet;
  const Listener full(0);
  const TcpClient fits = full.connect();
  EXPECT_EQ(show_json({own_word(), "--sort", "queue"})["sockets"][0]["local"], full.text());
  EXPECT_EQ(show_json({own_word(), "--drops"})["sockets"].size(), 0U);
  const UniqueFd late = late_for(full);
  nlohmann::json shown;
  EXPECT_TRUE(eventually(kPatience, [&] {
    shown = show_json({own_word(), "--drops"})["sockets"];
    return shown.size() == 1U;
  })) << shown;
  EXPECT_EQ(shown[0]["local"], full.text());
}

TEST(ShowArrangement, IsNotOfMetrics) {
  EXPECT_TRUE(contains(show({"--sort", "size"}, "", 2).error, "--sort size: takes address, drops"));
  EXPECT_TRUE(
      contains(show({"--drops", "--prometheus"}, "", 2).error, "Prometheus sorts by itself"));
}

}  // namespace
}  // namespace sockopt::test
