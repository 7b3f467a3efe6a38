// SPDX-License-Identifier: MIT
#include "tools/sockopt/arguments.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <utility>

#include "shim/options/suggestion.h"

namespace sockopt {
namespace {

const Argument kHelp = {"-h, --help", "", "Show this help"};

std::string refuse_empty(const std::string& value) { return value.empty() ? "needs a value" : ""; }

// CLI11's words for an option whose value is missing or given twice, in ours.
std::string value_problem(std::string_view message) {
  const bool missing = message.ends_with("missing");
  return fmt::format("{}: {}", message.substr(0, message.find(':')),
                     missing ? "needs a value" : "given more than once");
}

}  // namespace

bool Argument::has_name(std::string_view name) const {
  return name == long_name() || (names.size() > 2 && names[2] == ',' && name == names.substr(0, 2));
}

std::string_view Argument::long_name() const {
  return std::string_view(names).substr(std::min(names.find("--"), names.size()));
}

Arguments::Arguments() : parser_(std::make_unique<CLI::App>()) {
  parser_->set_help_flag("-h,--help");
}

Arguments::~Arguments() = default;

void Arguments::describe(CLI::Option* option, const char* names, const char* value,
                         std::string meaning) {
  std::string spaced = names;
  if (const std::size_t comma = spaced.find(','); comma != std::string::npos) {
    spaced.insert(comma + 1, " ");
  }
  if (!spaced.empty() && *value != '\0') option->check(refuse_empty)->allow_extra_args(false);
  all_.push_back({std::move(spaced), value, std::move(meaning)});
}

void Arguments::flag(const char* names, bool& given, std::string meaning) {
  describe(parser_->add_flag(names, given), names, "", std::move(meaning));
}

void Arguments::option(const char* names, const char* value, std::string& given,
                       std::string meaning) {
  describe(parser_->add_option(names, given), names, value, std::move(meaning));
}

void Arguments::option(const char* names, const char* value, std::vector<std::string>& given,
                       std::string meaning) {
  describe(parser_->add_option(names, given), names, value, std::move(meaning));
}

void Arguments::positional(const char* value, std::string& given, std::string meaning) {
  describe(parser_->add_option(value, given), "", value, std::move(meaning));
}

void Arguments::positional(const char* value, std::vector<std::string>& given,
                           std::string meaning) {
  describe(parser_->add_option(value, given), "", value, std::move(meaning));
}

void Arguments::program(std::vector<std::string>& command) {
  parser_->prefix_command();
  program_ = &command;
}

void Arguments::program_after_dashes(std::vector<std::string>& command) {
  program_after_dashes_ = &command;
}

bool Arguments::parse(std::vector<std::string> words) {
  const auto dashes =
      program_after_dashes_ == nullptr ? words.end() : std::find(words.begin(), words.end(), "--");
  if (dashes != words.end()) {
    program_after_dashes_->assign(dashes + 1, words.end());
    words.erase(dashes, words.end());
    if (program_after_dashes_->empty()) throw UsageError("which program?");
  }
  std::reverse(words.begin(), words.end());  // as CLI11 wants them
  try {
    parser_->parse(std::move(words));
  } catch (const CLI::CallForHelp&) {
    return false;
  } catch (const CLI::ExtrasError&) {
    throw UsageError(unknown(parser_->remaining().front()));
  } catch (const CLI::ArgumentMismatch& error) {
    throw UsageError(value_problem(error.what()));
  } catch (const CLI::ParseError& error) {
    throw UsageError(error.what());
  }
  if (program_ != nullptr) take_program(parser_->remaining());
  return true;
}

void Arguments::take_program(std::vector<std::string> words) {
  if (!words.empty() && words.front() == "--") {
    words.erase(words.begin());
  } else if (!words.empty() && words.front().starts_with('-')) {
    throw UsageError(unknown(words.front()));
  }
  if (words.empty()) throw UsageError("which program?");
  *program_ = std::move(words);
}

std::string Arguments::unknown(const std::string& word) const {
  if (!word.starts_with('-')) return fmt::format("unexpected argument `{}`", word);
  const std::vector<Argument> known = all();
  NearestWord meant(std::string_view(word).substr(0, word.find('=')));
  for (const Argument& argument : known) meant.consider(argument.long_name());
  if (meant.word().empty()) return fmt::format("unknown option `{}`", word);
  return fmt::format("unknown option `{}`; did you mean `{}`?", word, meant.word());
}

std::vector<Argument> Arguments::all() const {
  std::vector<Argument> all = all_;
  all.push_back(kHelp);
  return all;
}

}  // namespace sockopt
