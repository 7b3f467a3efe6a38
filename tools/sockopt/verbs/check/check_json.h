// SPDX-License-Identifier: MIT
//
// What `sockopt check` found, for programs: schema sockopt.check/2.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "tools/sockopt/report/finding.h"

namespace sockopt {

struct CheckedFile {
  std::string path;
  std::optional<std::size_t> settings;  ///< nothing: it could not be read
};

struct Checked {
  std::vector<CheckedFile> files;
  Findings findings;  ///< of all files, in their order
};

std::string check_json(const Checked& checked);

}  // namespace sockopt
