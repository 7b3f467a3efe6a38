// SPDX-License-Identifier: MIT
#include "tools/sockopt/launch/preload_list.h"

#include <fmt/format.h>

#include <algorithm>

#include "shim/config/environment.h"
#include "shim/text/text.h"
#include "tools/sockopt/launch/library.h"
#include "tools/sockopt/report/output.h"

namespace sockopt {

std::vector<std::string_view> preload_words(std::string_view list) {
  std::vector<std::string_view> words;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find_first_of(": \t\n"), list.size());
    if (end != 0) words.push_back(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return words;
}

std::vector<std::string> words_for_library(std::string_view list) {
  std::vector<std::string> words;
  for (const std::string_view word : preload_words(list)) {
    if (names_library(word, {})) words.emplace_back(word);
  }
  return words;
}

bool names_zmq_library(std::string_view list) {
  const std::vector<std::string_view> words = preload_words(list);
  return std::any_of(words.begin(), words.end(),
                     [](std::string_view word) { return base_name(word) == kZmqLibrary; });
}

std::string preload_with(std::string_view library, std::string_view before) {
  std::vector<std::string_view> words = preload_words(before);
  std::erase_if(words, [&](std::string_view word) { return names_library(word, library); });
  words.insert(words.begin(), library);
  return preload_text(words);
}

std::string preload_text(const std::vector<std::string_view>& words) { return joined(words, ":"); }

}  // namespace sockopt
