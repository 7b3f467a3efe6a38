// SPDX-License-Identifier: MIT
#include "tools/sockopt/launch/preload_track.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "shim/config/environment.h"
#include "tools/sockopt/launch/preload_list.h"
#include "tools/sockopt/report/output.h"
#include "tools/sockopt/report/shell_command.h"

namespace sockopt {
namespace {

constexpr std::string_view kAssignment = "LD_PRELOAD=";

}  // namespace

std::string PreloadLoss::fix_text() const {
  return fixed_line.empty() ? fix : command_text(fixed_line);
}

bool is_dynamic(std::string_view word) { return word.find_first_of("$`*") != word.npos; }

std::string line_in(const FileTree& files, const std::string& path, std::size_t line) {
  return fmt::format("{}:{}", path.starts_with('/') ? files.outside(path) : path, line);
}

bool lasts(const ShellCommand& command) {
  constexpr std::array<std::string_view, 5> kLasting = {"export", "unset", "declare", "typeset",
                                                        "readonly"};
  return !command.words.empty() &&
         std::find(kLasting.begin(), kLasting.end(), command.words.front()) != kLasting.end();
}

void PreloadTrack::lose(std::string what, std::string fix, bool certain) {
  loss_ = PreloadLoss{.what = std::move(what), .fix = std::move(fix), .is_certain = certain};
}

void PreloadTrack::assign(const std::string& value, const std::string& by, bool certain) {
  if (carries(value)) return;
  if (names_library(value, place_.library)) return loss_.reset();
  const std::string_view there = certain ? "in its place" : "there";
  const std::string fix =
      fmt::format("write LD_PRELOAD={} {}", preload_with(place_.library, value), there);
  if (value.empty()) {
    lose(fmt::format("{} empties LD_PRELOAD", by), fix, certain);
  } else {
    lose(fmt::format("{} sets LD_PRELOAD to {}, without the library", by, printable(value, 120)),
         fix, certain);
  }
}

void PreloadTrack::change(const ShellCommand& command, const std::string& by, bool certain) {
  for (const std::string& one : command.assignments) {
    if (one.starts_with(kAssignment)) assign(one.substr(kAssignment.size()), by, certain);
    note_carrier(one);
  }
  if (!lasts(command)) return;
  const bool unsets = command.words.front() == "unset";
  for (std::size_t i = 1; i < command.words.size(); ++i) {
    const std::string& word = command.words[i];
    if (word.starts_with(kAssignment)) assign(word.substr(kAssignment.size()), by, certain);
    note_carrier(word);
    const bool unexports = command.words[i - 1] == "-n" || command.words[i - 1] == "+x";
    if (word != "LD_PRELOAD" || !(unsets || unexports)) continue;
    lose(fmt::format("{} removes LD_PRELOAD: `{}`", by, printable(command.text(), 80)),
         fmt::format("remove that, or write `export LD_PRELOAD={}` behind it", place_.library),
         certain);
  }
}

void PreloadTrack::read_sourced(const std::vector<std::string>& words) {
  if (words.size() < 2 || is_dynamic(words[1])) return;
  const auto text = place_.files.read(words[1]);
  if (!text) return;
  for (const ShellCommand& one : shell_commands(*text)) {
    const std::string place = line_in(place_.files, words[1], one.line);
    if (one.words.empty() || lasts(one)) change(one, place, false);
  }
}

bool PreloadTrack::keeps(const ShellCommand& command) const {
  return keeps(command.assignments) || (lasts(command) && keeps(command.words));
}

bool PreloadTrack::keeps(const std::vector<std::string>& assignments) const {
  return std::any_of(assignments.begin(), assignments.end(), [&](const std::string& one) {
    return one.starts_with(kAssignment) && carries(one.substr(kAssignment.size()));
  });
}

// `$LD_PRELOAD`, `${LD_PRELOAD:+:$LD_PRELOAD}`: what there was, and more; or another variable that
// holds it.
bool PreloadTrack::carries(std::string_view value) const {
  if (value.find('$') == value.npos) return false;
  return std::any_of(carriers_.begin(), carriers_.end(), [&](const std::string& name) {
    return value.find('$' + name) != value.npos || value.find("${" + name) != value.npos;
  });
}

void PreloadTrack::note_carrier(const std::string& assignment) {
  if (!is_assignment(assignment)) return;
  const std::size_t equals = assignment.find('=');
  if (carries(assignment.substr(equals + 1))) carriers_.push_back(assignment.substr(0, equals));
}

}  // namespace sockopt
