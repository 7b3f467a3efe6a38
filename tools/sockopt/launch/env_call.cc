// SPDX-License-Identifier: MIT
#include "tools/sockopt/launch/env_call.h"

#include <algorithm>
#include <string_view>

#include "tools/sockopt/launch/shell_text.h"

namespace sockopt {
namespace {

// `-i`, also among other letters, but not in the value of one.
bool is_clearing(const std::string& word) {
  if (word == "-" || word == "--ignore-environment") return true;
  if (word.starts_with("--")) return false;
  const std::size_t letter = word.find('i');
  return letter != word.npos && word.find_first_of("uCS") > letter;
}

// How many characters of it come before the text that is split.
std::size_t split_option(std::string_view word) {
  for (const std::string_view option : {"--split-string=", "-S", "-vS"}) {
    if (word.starts_with(option)) return option.size();
  }
  return 0;
}

std::vector<std::string> split_line(const std::vector<std::string>& words, std::size_t at,
                                    std::size_t option) {
  std::string text = words[at].substr(option);
  std::size_t used = at + 1;
  if (text.empty() && used < words.size()) text = words[used];
  if (words[at].size() == option) ++used;
  std::vector<std::string> all = {words.front()};
  for (const ShellCommand& one : shell_commands(text)) {
    all.insert(all.end(), one.assignments.begin(), one.assignments.end());
    all.insert(all.end(), one.words.begin(), one.words.end());
  }
  all.insert(all.end(), words.begin() + static_cast<std::ptrdiff_t>(std::min(used, words.size())),
             words.end());
  return all;
}

}  // namespace

EnvCall read_env(const std::vector<std::string>& words) {
  EnvCall call;
  std::size_t i = 1;
  for (; i < words.size() && words[i].starts_with('-'); ++i) {
    const std::string& word = words[i];
    if (word == "--") {
      ++i;
      break;
    }
    if (const std::size_t option = split_option(word); option != 0) {
      call.split = split_line(words, i, option);
      return call;
    }
    const bool is_unset = word == "-u" || word == "--unset";
    const bool unsets_next = is_unset && i + 1 < words.size() && words[i + 1] == "LD_PRELOAD";
    call.clears = call.clears || is_clearing(word);
    call.removes_preload = call.removes_preload || unsets_next || word == "-uLD_PRELOAD" ||
                           word == "--unset=LD_PRELOAD";
    if (is_unset || word == "-C" || word == "--chdir") ++i;
  }
  call.assignments = std::min(i, words.size());
  const auto program =
      std::find_if(words.begin() + static_cast<std::ptrdiff_t>(call.assignments), words.end(),
                   [](const std::string& word) { return word.find('=') == word.npos; });
  call.before = {words.begin(), program};
  call.program = {program, words.end()};
  return call;
}

}  // namespace sockopt
