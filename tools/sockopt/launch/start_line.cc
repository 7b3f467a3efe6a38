// SPDX-License-Identifier: MIT
#include "tools/sockopt/launch/start_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "shim/config/environment.h"
#include "shim/text/text.h"
#include "tools/sockopt/launch/env_call.h"
#include "tools/sockopt/launch/preload_list.h"
#include "tools/sockopt/launch/preload_track.h"
#include "tools/sockopt/launch/script_signs.h"
#include "tools/sockopt/launch/shell_text.h"
#include "tools/sockopt/launch/wrappers.h"
#include "tools/sockopt/report/output.h"
#include "tools/sockopt/report/shell_command.h"

namespace sockopt {
namespace {

using Words = std::vector<std::string>;

constexpr int kMostSteps = 16;
constexpr std::string_view kPreload = "LD_PRELOAD=";

// Commands of a shell that are not what a script is there to start.
constexpr std::string_view kAside[] = {
    "fi",     "done",   "esac",   "}",       "wait",     "exit",     "return",   "true",
    "false",  ":",      "echo",   "printf",  "[",        "[[",       "test",     "set",
    "cd",     "shift",  "sleep",  "kill",    "trap",     "read",     "mkdir",    "rm",
    ".",      "source", "export", "unset",   "readonly", "declare",  "typeset",  "local",
    "ulimit", "umask",  "eval",   "let",     "alias",    "break",    "continue", "case",
    "for",    "select", "shopt",  "getopts", "function", "pwd",      "hash",     "type",
    "chmod",  "chown",  "cp",     "mv",      "ln",       "touch",    "cat",      "grep",
    "sed",    "date",   "id",     "logger",  "install",  "basename", "dirname",  "mktemp",
    "sysctl", "mount",  "-v"};

Words behind(const Words& words, std::size_t count) {
  const auto begin = words.begin() + static_cast<std::ptrdiff_t>(std::min(count, words.size()));
  return {begin, words.end()};
}

class Follower {
 public:
  Follower(Words words, const StartPlace& place) : place_(place) { line_.words = std::move(words); }

  StartLine follow() {
    for (int i = 0; i < kMostSteps && step(); ++i) continue;
    return std::move(line_);
  }

 private:
  // Whether there is more to follow.
  bool step() {
    while (!line_.words.empty() && is_assignment(line_.words.front())) {
      line_.words.erase(line_.words.begin());
    }
    if (line_.words.empty()) return false;
    const std::string path = place_.search(line_.words.front());
    if (path.empty()) return false;
    const std::string_view name = base_name(path);
    if (const Words line = script_line(place_.files, path); !line.empty()) {
      return enter_script(path, line);
    }
    if (name == "env") return enter_env(path);
    if (is_shell(path)) return enter_shell_text(path);
    if (!is_wrapper(line_.words.front()) && !is_wrapper(path)) return false;
    return enter_wrapper(path);
  }

  bool go_on(const std::string& wrapper, const Words& before, Words words) {
    line_.wrappers.push_back(wrapper);
    before_.insert(before_.end(), before.begin(), before.end());
    line_.words = std::move(words);
    return true;
  }

  // Written in its place, `words` keep the library: as part of the whole line, which is not to lose
  // what comes before, or of the text of a shell.
  void fix(const Words& words) {
    if (in_text_) {
      line_.loss->fix = fmt::format("write `{}` in its place", command_text(words));
      return;
    }
    line_.loss->fixed_line = before_;
    line_.loss->fixed_line.insert(line_.loss->fixed_line.end(), words.begin(), words.end());
  }

  // The command line with the library given to the program behind what keeps it.
  Words with_library(const Words& before, const Words& program) const {
    Words words = before;
    words.insert(words.end(), {"/usr/bin/env", std::string(kPreload) + place_.library});
    words.insert(words.end(), place_.variables.begin(), place_.variables.end());
    words.insert(words.end(), program.begin(), program.end());
    return words;
  }

  // Nothing can be put in front of a program that is not there, or is a text.
  void clear(std::string_view by, const Words& before, const Words& program) {
    track_.lose(
        fmt::format("{} starts its program with a fresh environment, without LD_PRELOAD", by), "",
        true);
    if (!program.empty()) fix(with_library(before, program));
    line_.loss->clears = true;
  }

  bool enter_env(const std::string& path) {
    EnvCall call = read_env(line_.words);
    if (call.split) {
      line_.words = *std::move(call.split);
      return true;
    }
    if (call.program.empty()) return false;
    if (call.clears) clear("env -i", call.before, call.program);
    if (call.removes_preload && !line_.loss) {
      track_.lose("env -u LD_PRELOAD removes LD_PRELOAD", "", true);
      fix(with_library(call.before, call.program));
    }
    for (std::size_t at = call.assignments; at < call.before.size(); ++at) {
      const char* const one[] = {call.before[at].c_str(), nullptr};
      if (is_disabled(one, {})) {
        track_.lose(fmt::format("env {} disables the library", printable(call.before[at], 80)),
                    "leave it out", true);
      }
      if (!call.before[at].starts_with(kPreload)) continue;
      const std::string value = call.before[at].substr(kPreload.size());
      track_.assign(value, "env", true);
      if (!line_.loss) continue;
      Words fixed = line_.words;
      fixed[at] = std::string(kPreload) + preload_with(place_.library, value);
      fixed.insert(fixed.begin() + static_cast<std::ptrdiff_t>(at) + 1, place_.variables.begin(),
                   place_.variables.end());
      fix(fixed);
    }
    return go_on(path, call.before, std::move(call.program));
  }

  bool enter_wrapper(const std::string& path) {
    WrapperCall call = read_wrapper(line_.words);
    const std::string name(base_name(line_.words.front()));
    if (call.clears) {
      clear(name, call.before, call.is_text ? Words() : call.program);
      if (call.is_text) {
        line_.loss->fix =
            fmt::format("write `export LD_PRELOAD={};` in front of the command", place_.library);
      }
    }
    if (!call.replaces.empty()) {
      track_.lose(fmt::format("{} sets LD_PRELOAD to a library of its own", name), call.replaces,
                  true);
    }
    if (call.program.empty()) return false;
    if (call.is_text) {
      line_.wrappers.push_back(path);
      return enter_commands(shell_commands(call.program.front()), name + " -c", "", {});
    }
    for (const std::string& word : call.before) {
      const std::size_t at = word.find(kPreload);
      if (at == word.npos) continue;
      const std::string value = word.substr(at + kPreload.size());
      if (!words_for_library(value).empty()) line_.loss.reset();
    }
    return go_on(path, call.before, std::move(call.program));
  }

  // `sh -c TEXT NAME ARGUMENT...`
  bool enter_shell_text(const std::string& path) {
    const Words& words = line_.words;
    std::size_t i = 1;
    bool has_text = false;
    for (; i < words.size() && (words[i].starts_with('-') || words[i].starts_with('+')); ++i) {
      const std::string& word = words[i];
      if (word == "--") {
        ++i;
        break;
      }
      has_text = has_text || (!word.starts_with("--") && word.find('c') != word.npos);
      if (word == "-o" || word == "+o" || word == "-O") ++i;
    }
    if (i >= words.size()) return false;
    if (!has_text) {
      const std::string script = words[i];
      const auto text = place_.files.read(script);
      if (!text) return false;
      line_.script = script;
      const Words arguments = behind(words, i);
      line_.wrappers.push_back(path);
      return enter_commands(shell_commands(*text), script, script, arguments);
    }
    line_.wrappers.push_back(path);
    const Words arguments = behind(words, i + 1);
    const std::string text = words[i];
    return enter_commands(shell_commands(text), std::string(base_name(path)) + " -c", "",
                          arguments);
  }

  bool enter_script(const std::string& path, const Words& interpreter) {
    if (base_name(interpreter.front()) == "env") {
      Words words = interpreter;
      words.push_back(path);
      const Words rest = behind(line_.words, 1);
      words.insert(words.end(), rest.begin(), rest.end());
      line_.words = std::move(words);
      line_.interpreted = path;
      return true;
    }
    const auto text = place_.files.read(path);
    if (!text) return false;
    if (!is_shell(interpreter.front())) {
      const auto sign = find_environment_sign(*text);
      if (sign) line_.loss = seems(path, sign->line, sign->text);
      return false;
    }
    line_.script = path;
    Words arguments = line_.words;
    arguments.front() = path;
    return enter_commands(shell_commands(*text), path, path, arguments);
  }

  PreloadLoss seems(const std::string& path, std::size_t number, std::string_view line) const {
    return {.what = fmt::format("{} seems to change the environment: `{}`",
                                line_in(place_.files, path, number), printable(line, 80)),
            .fix = fmt::format("check whether LD_PRELOAD is passed on; if not, set LD_PRELOAD={} "
                               "there",
                               place_.library),
            .is_certain = false};
  }

  // With what the shell puts for `$0`, `$1` and `$@`.
  static Words expanded(const Words& words, const Words& arguments) {
    Words all;
    for (const std::string& word : words) {
      if (word == "$@" || word == "$*" || word == "${@}") {
        const Words rest = behind(arguments, 1);
        all.insert(all.end(), rest.begin(), rest.end());
      } else if (word.size() == 2 && word[0] == '$' && word[1] >= '0' && word[1] <= '9' &&
                 static_cast<std::size_t>(word[1] - '0') < arguments.size()) {
        all.push_back(arguments[static_cast<std::size_t>(word[1] - '0')]);
      } else {
        all.push_back(word);
      }
    }
    return all;
  }

  bool is_target(const ShellCommand& command, const Words& words) const {
    if (words.empty()) return false;
    if (command.is_exec) return true;
    const bool aside =
        std::find(std::begin(kAside), std::end(kAside), words.front()) != std::end(kAside);
    return !aside && (is_dynamic(words.front()) || !place_.search(words.front()).empty());
  }

  // `file` is empty for a text on a command line.
  bool enter_commands(const std::vector<ShellCommand>& commands, const std::string& by,
                      const std::string& file, const Words& arguments) {
    in_text_ = true;
    // What the shell becomes, or else what it starts last.
    const ShellCommand* target = nullptr;
    for (const ShellCommand& one : commands) {
      const bool better = target == nullptr || one.is_exec || !target->is_exec;
      if (better && is_target(one, expanded(one.words, arguments))) target = &one;
    }
    const std::optional<PreloadLoss> outer = line_.loss;
    for (const ShellCommand& one : commands) {
      const std::string place = file.empty() ? by : line_in(place_.files, file, one.line);
      const std::optional<PreloadLoss> before = line_.loss;
      track_.change(one, place, file.empty());
      if (one.clears && &one == target) {
        track_.lose(place + ": exec -c starts its program without an environment", "leave out -c",
                    file.empty());
        line_.loss->clears = true;
      }
      if (&one == target) break;
      if (!one.words.empty() && (one.words[0] == "." || one.words[0] == "source")) {
        track_.read_sourced(expanded(one.words, arguments));
        continue;
      }
      // A command beside: what stands in front of it is for it alone.
      if (!one.words.empty() && !lasts(one)) line_.loss = before;
    }
    // In a script that knows how to keep it, what does not is for where there is nothing to keep.
    const bool is_kept = std::any_of(commands.begin(), commands.end(),
                                     [&](const auto& one) { return track_.keeps(one); });
    if (is_kept && !file.empty() && (target == nullptr || !target->clears)) line_.loss = outer;
    if (target == nullptr) return false;
    Words words = expanded(target->words, arguments);
    if (words.empty() || is_dynamic(words.front()) || place_.search(words.front()).empty()) {
      line_.unknown = file.empty() ? target->text()
                                   : fmt::format("{} ({})", target->text(),
                                                 line_in(place_.files, file, target->line));
      line_.words.clear();
      return false;
    }
    line_.words = std::move(words);
    if (!file.empty()) {
      // What the further words do is known only from this line of the script.
      const std::optional<PreloadLoss> before = line_.loss;
      line_.loss.reset();
      StartLine rest = Follower(line_.words, place_).follow();
      if (rest.loss) {
        rest.loss = seems(file, target->line, target->text());
      } else {
        rest.loss = before;
      }
      rest.wrappers.insert(rest.wrappers.begin(), line_.wrappers.begin(), line_.wrappers.end());
      if (rest.script.empty()) rest.script = line_.script;
      line_ = std::move(rest);
      return false;
    }
    return true;
  }

  const StartPlace& place_;
  StartLine line_;
  Words before_;          // what of the line has been followed
  bool in_text_ = false;  // and then the commands of a shell
  PreloadTrack track_ = {place_, line_.loss};
};

}  // namespace

StartLine follow_start_line(const std::vector<std::string>& words, const StartPlace& place) {
  return Follower(words, place).follow();
}

bool may_start_another(const StartLine& line) {
  const std::vector<std::string>& words = line.words;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const bool is_path = words[i].find('/') != std::string::npos || words[i - 1] == "--";
    if (words[i] == line.interpreted) continue;
    if (is_path && !find_in_path(words[i]).empty()) return true;
  }
  return false;
}

StartLine follow_start_line(const std::vector<std::string>& words, const std::string& library,
                            std::vector<std::string> variables) {
  return follow_start_line(words, {FileTree::host(), find_in_path, library, std::move(variables)});
}

}  // namespace sockopt
