// SPDX-License-Identifier: MIT
#include "tests/support/shown_sockets.h"

#include <arpa/inet.h>
#include <unistd.h>

#include <sstream>
#include <stdexcept>

#include "tools/inspect/foreign_socket.h"
#include "tools/inspect/process_tree.h"

namespace sockopt::test {

Connections::Connections(const Listener& listener, int count) {
  for (int i = 0; i < count; ++i) {
    clients.push_back(listener.connect());
    accepted.push_back(listener.accept());
  }
}

namespace {

Command python_command(const std::string& python, std::vector<std::string> before) {
  const std::string begin = "import ctypes, os, resource, signal, socket, time\n";
  const std::string end = "\nprint('ready', os.getpid(), flush=True)\nsignal.pause()\n";
  before.insert(before.end(), {"/usr/bin/python3", "-c", begin + python + end});
  // The first process of a pid namespace heeds no other signal.
  return {.argv = std::move(before), .stop_signal = SIGKILL};
}

}  // namespace

Holder::Holder(const std::string& python, const std::vector<std::string>& before)
    : process_(python_command(python, before)) {
  const bool ready = eventually(
      kPatience, [&] { return process_.output().ends_with('\n') || !process_.running(); });
  if (!ready || !process_.output().starts_with("ready")) {
    throw std::runtime_error("the holder is not ready: " + process_.error());
  }
  // Its number as this namespace has it: its own may be another's.
  pid_ = process_.pid();
  if (before.empty()) return;
  for (const ProcessEntry& child : descendants(process_.pid())) pid_ = child.pid;
}

std::string own_word() { return std::to_string(getpid()); }

Finished show(const std::vector<std::string>& arguments, const std::string& policy, int expected) {
  const TemporaryDirectory directory;
  std::vector<std::string> all = {"show", "-c", directory.write("sockopt.ini", policy)};
  all.insert(all.end(), arguments.begin(), arguments.end());
  Finished shown = sockopt(all);
  EXPECT_EQ(status(shown), expected) << shown.output << shown.error;
  return shown;
}

nlohmann::json show_json(std::vector<std::string> arguments, const std::string& policy,
                         int expected) {
  arguments.emplace_back("--json");
  return nlohmann::json::parse(show(arguments, policy, expected).output);
}

std::string line_with(const std::string& text, const std::string& part) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.find(part) != std::string::npos) return line;
  }
  return "";
}

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream stream(line);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

nlohmann::json socket_at(const nlohmann::json& shown, const std::string& local) {
  for (const nlohmann::json& socket : shown.at("sockets")) {
    if (socket.at("local") == local) return socket;
  }
  return nullptr;
}

}  // namespace sockopt::test
