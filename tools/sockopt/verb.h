// SPDX-License-Identifier: MIT
//
// A verb of the command: words for its help, arguments, and something to do. To add one: write a
// file below verbs/ that defines its `const Verb`, declare that here, list it in verbs.cc and the
// file in verbs/CMakeLists.txt. Overview, help, completion and error messages follow from it.
#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "tools/sockopt/arguments.h"
#include "tools/sockopt/report/exit_status.h"

namespace sockopt {

/// Whether trying a verb out can change anything; what only reads is listed first.
enum class Effect { kReads, kStarts, kChanges };

struct Example {
  std::string_view command;
  std::string_view meaning;
};

struct Verb {
  std::string_view name;
  Effect effect;
  std::string_view summary;      ///< for the overview: half a line
  std::string_view usage;        ///< what follows `sockopt NAME`
  std::string_view description;  ///< for its own help: two or three lines
  std::span<const Example> examples;
  int usage_status = kUsage;  ///< the exit status for a wrong command line

  /// Declares the arguments. What it returns is called once they are read, and returns the exit
  /// status.
  std::function<int()> (*declare)(Arguments& arguments);
};

extern const Verb kApplyVerb;
extern const Verb kAttachVerb;
extern const Verb kCheckVerb;
extern const Verb kDetachVerb;
extern const Verb kDisableVerb;
extern const Verb kDoctorVerb;
extern const Verb kEnableVerb;
extern const Verb kExplainVerb;
extern const Verb kExportVerb;
extern const Verb kHelpVerb;
extern const Verb kOptionsVerb;
extern const Verb kPodsVerb;
extern const Verb kRunVerb;
extern const Verb kShowVerb;
extern const Verb kWatchVerb;

}  // namespace sockopt
