// SPDX-License-Identifier: MIT
//
// The arguments of a verb: it declares each with the variable that takes its value. Parser, help
// and completion go by these declarations. CLI11 reads the command line, known to arguments.cc
// only.
#pragma once

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace sockopt {

/// A wrong command line. A verb throws it for what only the verb can see.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Argument {
  std::string names;  ///< `-c, --config`; empty for a positional
  std::string value;  ///< `FILE`; empty for a flag
  std::string meaning;

  bool is_positional() const { return names.empty(); }
  bool has_name(std::string_view name) const;
  /// `--config`
  std::string_view long_name() const;
};

class Arguments {
 public:
  Arguments();
  ~Arguments();

  /// `names` is `-c,--config` or `--config`. Only an option that takes a list may be given twice.
  void flag(const char* names, bool& given, std::string meaning);
  void option(const char* names, const char* value, std::string& given, std::string meaning);
  void option(const char* names, const char* value, std::vector<std::string>& given,
              std::string meaning);
  void positional(const char* value, std::string& given, std::string meaning);
  void positional(const char* value, std::vector<std::string>& given, std::string meaning);

  /// A program and its own arguments: all words from the first that is not an option.
  void program(std::vector<std::string>& command);
  /// All words after `--`; empty without `--`.
  void program_after_dashes(std::vector<std::string>& command);

  /// False where help was asked for. Throws UsageError.
  bool parse(std::vector<std::string> words);

  /// As declared, `--help` last.
  std::vector<Argument> all() const;
  /// Whether a program follows the options, or `--`.
  bool takes_program() const { return program_ != nullptr; }
  bool takes_program_after_dashes() const { return program_after_dashes_ != nullptr; }

 private:
  void describe(CLI::Option* option, const char* names, const char* value, std::string meaning);
  std::string unknown(const std::string& word) const;
  void take_program(std::vector<std::string> words);

  std::unique_ptr<CLI::App> parser_;
  std::vector<Argument> all_;
  std::vector<std::string>* program_ = nullptr;
  std::vector<std::string>* program_after_dashes_ = nullptr;
};

}  // namespace sockopt
