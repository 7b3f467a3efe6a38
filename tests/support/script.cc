// SPDX-License-Identifier: MIT
#include "tests/support/script.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>

#include "tests/support/paths.h"
#include "tests/support/strace.h"

namespace sockopt::test {
namespace {

constexpr char kListener[] = "listener ";

// The parts between separators, without the blanks around them.
std::vector<std::string> parts_of(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(separator, at), text.size());
    const std::string_view part = text.substr(at, end - at);
    if (const auto first = part.find_first_not_of(" \n"); first != part.npos) {
      parts.emplace_back(part.substr(first, part.find_last_not_of(" \n") + 1 - first));
    }
    at = end + 1;
  }
  return parts;
}

// listener NAME [BACKLOG] [inet6] [mptcp]
std::vector<std::string> listener_steps(const std::string& step) {
  std::string name, backlog = "5", family = "inet", protocol, address = "127.0.0.1";
  for (const std::string& word : parts_of(step.substr(std::strlen(kListener)), ' ')) {
    if (name.empty()) {
      name = word;
    } else if (word.starts_with("inet")) {
      family = word;
      if (word == "inet6") address = "::1";
    } else if (word == "mptcp") {
      protocol = " stream mptcp";
    } else {
      backlog = word;
    }
  }
  return {"socket " + name + " " + family + protocol, "bind " + name + " " + address,
          "listen " + name + " " + backlog};
}

struct Expected {
  std::string step;
  std::string comparison;  // empty: nothing is expected of it
  std::string value;
};

// Takes the expectations out of the actor's arguments: a list of all its steps.
std::vector<Expected> take_expectations(Command& command) {
  std::vector<Expected> steps;
  const auto is_actor = [](const std::string& word) { return word == victim("actor"); };
  auto word = std::find_if(command.argv.begin(), command.argv.end(), is_actor);
  if (word == command.argv.end()) return steps;
  while (++word != command.argv.end()) {
    Expected expected{.step = *word, .comparison = {}, .value = {}};
    for (const std::string_view comparison : {" = ", " != ", " >= "}) {
      if (const auto at = word->find(comparison); at != word->npos) {
        expected = {word->substr(0, at), std::string(comparison),
                    word->substr(at + comparison.size())};
      }
    }
    *word = expected.step;
    steps.push_back(std::move(expected));
  }
  return steps;
}

void check(const Played& played, const std::vector<Expected>& steps) {
  std::map<std::string, std::size_t> done;
  for (const Expected& expected : steps) {
    const std::size_t earlier = done[expected.step]++;
    if (expected.comparison.empty()) continue;
    std::vector<std::string> results = played.results(expected.step);
    results.resize(std::max(results.size(), earlier + 1), "(not done)");
    const std::string& result = results[earlier];
    const bool holds = expected.comparison == " = " ? result == expected.value
                       : expected.comparison == " != "
                           ? result != expected.value
                           : std::stoi(result) >= std::stoi(expected.value);
    EXPECT_TRUE(holds) << expected.step << " = " << result << ", expected" << expected.comparison
                       << expected.value;
  }
}

Played played_by(Finished finished, const std::string& output,
                 const std::vector<Expected>& expected) {
  Played played{.finished = std::move(finished), .lines = parts_of(output, '\n')};
  EXPECT_TRUE(played.finished.success()) << "output:\n"
                                         << output << "error:\n"
                                         << played.finished.error;
  check(played, expected);
  return played;
}

}  // namespace

void Script::add(std::string_view steps) {
  for (std::string& step : parts_of(steps, ';')) {
    if (step.starts_with(kListener)) {
      const auto expanded = listener_steps(step);
      insert(end(), expanded.begin(), expanded.end());
    } else {
      push_back(std::move(step));
    }
  }
}

std::filesystem::path victim(std::string_view name) {
  return build_directory() / "tests/victims" / name;
}

Script operator+(Script first, const Script& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

std::vector<std::string> Played::results(std::string_view step) const {
  const std::string beginning = std::string(step) + " = ";
  std::vector<std::string> found;
  for (const std::string& line : lines) {
    if (line.starts_with(beginning)) found.push_back(line.substr(beginning.size()));
  }
  return found;
}

std::string Played::result(std::string_view step) const {
  const std::vector<std::string> found = results(step);
  return found.empty() ? "(not done)" : found.back();
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

Played play(Command command, Where where) {
  const testing::ScopedTrace trace(where.file_name(), static_cast<int>(where.line()), "the script");
  const std::vector<Expected> expected = take_expectations(command);
  const Finished finished = run(std::move(command));
  return played_by(finished, finished.output, expected);
}

Played play_aside(Command command, Where where) {
  constexpr int kAside = 900;
  const testing::ScopedTrace trace(where.file_name(), static_cast<int>(where.line()), "the script");
  const std::vector<Expected> expected = take_expectations(command);
  int ends[2];
  EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
  command.environment["ACTOR_OUT"] = std::to_string(kAside);
  command.descriptors[kAside] = ends[1];
  const Finished finished = run(std::move(command));
  close(ends[1]);
  std::string output;
  char text[4096];
  for (ssize_t got; (got = read(ends[0], text, sizeof text)) > 0;) {
    output.append(text, static_cast<std::size_t>(got));
  }
  close(ends[0]);
  return played_by(finished, output, expected);
}

Played play(const Script& script, const Environment& environment, Where where) {
  return play(actor(script, environment), where);
}

Played play_plainly(const Script& script, Where where) {
  return play(script, plain_environment(), where);
}

Environment variables(const Environment& settings) {
  Environment prefixed;
  for (const auto& [name, value] : settings) prefixed["SOCKOPT_" + name] = value;
  return shim_environment(prefixed);
}

Played play_with(const Environment& settings, const Script& script, Where where) {
  return play(script, variables(settings), where);
}

Traced trace(const Script& script, const Environment& environment, Where where) {
  const TemporaryDirectory directory;
  const auto file = directory / "trace";
  Played played = play(
      under_strace(actor(script, environment), file, {"-e", "trace=setsockopt,getsockopt,listen"}),
      where);
  return {std::move(played), between_marks(traced_calls(file))};
}

int occurrences(std::string_view text, std::string_view needle) {
  int count = 0;
  for (auto at = text.find(needle); at != text.npos; at = text.find(needle, at + needle.size())) {
    ++count;
  }
  return count;
}

}  // namespace sockopt::test
