// SPDX-License-Identifier: MIT
//
// What a command line comes to: past programs that only start others (env, nice, gosu), and through
// scripts as far as they can be read. And what on this way takes LD_PRELOAD from the program, or
// puts another library in its place.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/sockopt/launch/preload_track.h"

namespace sockopt {

struct StartLine {
  std::vector<std::string> words{};     ///< of the program that it comes to; empty where unknown
  std::vector<std::string> wrappers{};  ///< the files that only start the next, in their order
  std::string script{};                 ///< a shell script that is left behind
  std::string interpreted{};            ///< a script that the program is given by its `#!` line
  std::string
      unknown{};  ///< what that starts, as written there, with its line: `exec "$JAVA" (a.sh:3)`
  std::optional<PreloadLoss> loss{};
};

StartLine follow_start_line(const std::vector<std::string>& words, const StartPlace& place);

/// Whether one of the program's arguments is a program, as with a wrapper that is not known.
bool may_start_another(const StartLine& line);

/// From here.
StartLine follow_start_line(const std::vector<std::string>& words, const std::string& library,
                            std::vector<std::string> variables);

}  // namespace sockopt
