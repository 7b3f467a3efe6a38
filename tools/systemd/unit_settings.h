// SPDX-License-Identifier: MIT
//
// What all files of a unit say together: a value that is one is the last, a value that is a list
// grows until an empty assignment makes it begin anew.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/systemd/unit_file.h"
#include "tools/systemd/unit_words.h"

namespace sockopt {

struct UnitValue {
  std::string text;
  std::string path;  ///< of the file it is from
  std::uint32_t line = 0;

  std::string place() const { return path + ":" + std::to_string(line); }
};

class UnitSettings {
 public:
  void add(const std::string& path, const std::vector<UnitAssignment>& assignments);

  /// Every assignment since the last empty one.
  std::vector<UnitValue> list(std::string_view section, std::string_view key) const;

  /// The words of all of these.
  std::vector<std::string> words(std::string_view section, std::string_view key) const;

  /// The last one; empty where there is none.
  UnitValue last(std::string_view section, std::string_view key) const;

  /// A boolean as systemd reads it; `otherwise` where there is none.
  bool is_on(std::string_view section, std::string_view key, bool otherwise = false) const;

 private:
  struct Entry {
    std::string section;
    std::string key;
    UnitValue value;
  };
  std::vector<Entry> entries_;
};

struct AssignedVariable {
  UnitVariable variable;
  UnitValue from;
};

/// The variables of Environment= or the like, each once, with what it was given last.
std::vector<AssignedVariable> environment_of(const UnitSettings& settings,
                                             std::string_view section = "Service",
                                             std::string_view key = "Environment");

/// Null where there is none of that name.
const AssignedVariable* find_variable(const std::vector<AssignedVariable>& variables,
                                      std::string_view name);

}  // namespace sockopt
