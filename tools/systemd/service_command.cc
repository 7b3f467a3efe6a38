// SPDX-License-Identifier: MIT
#include "tools/systemd/service_command.h"

#include <algorithm>
#include <utility>

#include "tools/systemd/specifiers.h"
#include "tools/systemd/unit_words.h"

namespace sockopt {
namespace {

constexpr std::string_view kPrefixes = "-@:+!";

// Whether `word` stands by itself at the begin of the text.
bool stands_alone(std::string_view text, std::string_view word) {
  return text.starts_with(word) &&
         (text.size() == word.size() || text[word.size()] == ' ' || text[word.size()] == '\t');
}

// Up to the `;` that ends a command. False for a fault in it.
bool read_command(UnitWordReader& reader, std::string_view unit, ServiceCommand& command) {
  std::vector<std::string> words;
  while (!reader.rest().empty()) {
    if (stands_alone(reader.rest(), ";")) {
      reader.skip(1);
      break;
    }
    std::string word;
    if (stands_alone(reader.rest(), "\\;")) {
      reader.skip(2);
      word = ";";
    } else if (!reader.next(word)) {
      return false;
    }
    const auto expanded = expand_specifiers(word, unit);
    if (!expanded) command.unexpanded.push_back(word);
    words.push_back(expanded.value_or(word));
  }
  if (words.empty()) return false;
  const std::size_t start = std::min(words[0].find_first_not_of(kPrefixes), words[0].size());
  std::string prefixes = words[0].substr(0, start);
  command.path = words[0].substr(start);
  command.unconfined = prefixes.find('+') != std::string::npos;
  // With `@` the second word is what the program is told that it is called.
  const bool has_name = prefixes.find('@') != std::string::npos && words.size() > 1;
  std::erase(prefixes, '@');
  command.prefixes = std::move(prefixes);
  command.words.assign(words.begin() + (has_name ? 2 : 1), words.end());
  return !command.path.empty();
}

}  // namespace

std::string ServiceCommand::line_of(const std::vector<std::string>& line) const {
  std::string text = prefixes;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const bool keeps = std::find(unexpanded.begin(), unexpanded.end(), line[i]) != unexpanded.end();
    if (i != 0) text += ' ';
    text += unit_word_text(keeps ? line[i] : escape_specifiers(line[i]));
  }
  return text;
}

std::vector<ServiceCommand> service_commands(const UnitSettings& settings, std::string_view unit,
                                             std::string_view key) {
  std::vector<ServiceCommand> commands;
  for (const UnitValue& value : settings.list("Service", key)) {
    UnitWordReader reader(value.text);
    while (!reader.rest().empty()) {
      ServiceCommand command;
      command.from = value;
      if (!read_command(reader, unit, command)) break;
      commands.push_back(std::move(command));
    }
  }
  return commands;
}

}  // namespace sockopt
