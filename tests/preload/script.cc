// SPDX-License-Identifier: MIT
#include "tests/preload/script.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <sstream>

#include "tests/support/paths.h"

namespace sockopt::test {
namespace {

constexpr std::string_view kMark = "getsockopt(-1, ";

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

}  // namespace

std::filesystem::path victim(std::string_view name) {
  return build_directory() / "tests/victims" / name;
}

Script operator+(Script first, const Script& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

Script tcp_listener(int backlog, const std::string& family, const std::string& protocol) {
  return {"socket l " + family + " stream " + protocol,
          "bind l " + std::string(family == "inet" ? "127.0.0.1" : "::1"),
          "listen l " + std::to_string(backlog)};
}

std::string Played::result(std::string_view step) const {
  const std::string beginning = std::string(step) + " = ";
  std::string found = "(not done)";
  for (const std::string& line : lines) {
    if (line.starts_with(beginning)) found = line.substr(beginning.size());
  }
  return found;
}

int Played::number(std::string_view step) const {
  const std::string text = result(step);
  char* end = nullptr;
  const long value = std::strtol(text.c_str(), &end, 10);
  EXPECT_TRUE(end != text.c_str() && *end == '\0') << step << " = " << text;
  return static_cast<int>(value);
}

Command actor(const Script& script, const Environment& environment) {
  Command command{.argv = {victim("actor")}, .environment = environment};
  command.argv.insert(command.argv.end(), script.begin(), script.end());
  return command;
}

Played play(Command command) {
  Played played{.finished = run(std::move(command)), .lines = {}};
  EXPECT_TRUE(played.finished.success()) << "output:\n"
                                         << played.finished.output << "error:\n"
                                         << played.finished.error;
  played.lines = lines_of(played.finished.output);
  return played;
}

Played play(const Script& script, const Environment& environment) {
  return play(actor(script, environment));
}

Played play_plainly(const Script& script) { return play(script, plain_environment()); }

Environment variables(const Environment& settings) {
  Environment prefixed;
  for (const auto& [name, value] : settings) prefixed["SOCKOPT_" + name] = value;
  return shim_environment(prefixed);
}

Played play_with(const Environment& settings, const Script& script) {
  return play(script, variables(settings));
}

bool has_strace() { return access("/usr/bin/strace", X_OK) == 0; }

Traced trace(const Script& script, const Environment& environment) {
  const TemporaryDirectory directory;
  Command command = actor(script, plain_environment());
  Command traced{.argv = {"strace", "-f", "-qq", "-e", "signal=none", "-e",
                          "trace=setsockopt,getsockopt,listen", "-o", directory / "trace"}};
  for (const auto& [name, value] : environment) {
    traced.argv.insert(traced.argv.end(), {"-E", name + "=" + value});
  }
  traced.argv.insert(traced.argv.end(), command.argv.begin(), command.argv.end());
  Traced result{.played = play(traced), .calls = {}};
  bool counting = false;
  for (const std::string& line : lines_of(read_file(directory / "trace"))) {
    const auto call = line.find_first_not_of(" 0123456789");
    if (call == std::string::npos) continue;
    if (line.compare(call, kMark.size(), kMark) == 0) {
      counting = !counting;
    } else if (counting) {
      result.calls.push_back(line.substr(call));
    }
  }
  return result;
}

int occurrences(std::string_view text, std::string_view needle) {
  int count = 0;
  for (auto at = text.find(needle); at != text.npos; at = text.find(needle, at + needle.size())) {
    ++count;
  }
  return count;
}

bool has_mptcp() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 262);
  if (fd < 0) return false;
  close(fd);
  return true;
}

}  // namespace sockopt::test
