// SPDX-License-Identifier: MIT
#include "tools/systemd/pam_environment.h"

#include <algorithm>
#include <sstream>
#include <string_view>

namespace sockopt {
namespace {

constexpr int kDeepest = 8;

void read_stack(const FileTree& files, const std::string& name, int depth,
                std::vector<std::string>& found) {
  if (depth > kDeepest || name.empty() || name.find('/') != std::string::npos) return;
  const char* directory = files.status("/etc/pam.d/" + name) ? "/etc/pam.d/" : "/usr/lib/pam.d/";
  const Result<std::string> text = files.read(directory + name);
  if (!text) return;
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream rest(line.substr(0, line.find('#')));
    std::vector<std::string> words;
    for (std::string word; rest >> word;) words.push_back(word);
    // `@include common-auth`, `session include system-auth`, `auth required pam_env.so readenv=0`
    const bool includes = words.size() > 2 && (words[1] == "include" || words[1] == "substack");
    if (words.size() == 2 && words[0] == "@include") read_stack(files, words[1], depth + 1, found);
    if (includes) read_stack(files, words[2], depth + 1, found);
    const auto module = std::find_if(words.begin(), words.end(), [](const std::string& word) {
      return word.ends_with("pam_env.so");
    });
    if (module == words.end()) continue;
    std::string file = "/etc/environment";
    for (auto option = module; option != words.end(); ++option) {
      constexpr std::string_view kFile = "envfile=";
      if (*option == "readenv=0") file.clear();
      if (option->starts_with(kFile) && !file.empty()) file = option->substr(kFile.size());
    }
    if (!file.empty() && std::find(found.begin(), found.end(), file) == found.end()) {
      found.push_back(file);
    }
  }
}

}  // namespace

std::vector<std::string> pam_environment_files(const FileTree& files, const std::string& name) {
  std::vector<std::string> found;
  read_stack(files, name, 0, found);
  return found;
}

}  // namespace sockopt
