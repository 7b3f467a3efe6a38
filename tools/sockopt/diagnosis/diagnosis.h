// SPDX-License-Identifier: MIT
//
// What `sockopt doctor` finds: how bad it is, what it is about, what is so and why that matters,
// and the command that mends it. Found by functions that know nothing of how it is shown.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "tools/sockopt/report/output.h"
#include "tools/sockopt/report/terminal.h"

namespace sockopt {

struct Diagnosis {
  enum class Level {
    kFail,  ///< options do not reach a socket, or reach it otherwise than was asked for
    kWarn,  ///< the kernel bounds what was asked for, or it is about to go wrong
    kNote,  ///< good to know
    kOk,
  };

  Level level = Level::kOk;
  std::string topic;  ///< a word: reach, backlog, policy
  std::string what;
  std::string mend;  ///< a command or a line to write; empty where there is nothing to mend

  static Diagnosis fail(std::string topic, std::string what, std::string mend);
  static Diagnosis warn(std::string topic, std::string what, std::string mend);
  static Diagnosis note(std::string topic, std::string what, std::string mend = {});
  static Diagnosis ok(std::string topic, std::string what);
};

using Diagnoses = std::vector<Diagnosis>;

void append(Diagnoses& all, Diagnoses more);

/// What was looked at, and what was found there.
struct Examined {
  std::string kind;  ///< host, process, unit, program
  std::string name;  ///< nginx(812), redis-server.service
  Diagnoses found;
  nlohmann::ordered_json library{};  ///< of a process that has it: which, and what it holds
};

/// The worst first; what is equally bad stays in its order.
void print_examined(Output& out, const Style& style, std::optional<std::size_t> width,
                    const Examined& examined);

nlohmann::ordered_json examined_json(const Examined& examined);

}  // namespace sockopt
