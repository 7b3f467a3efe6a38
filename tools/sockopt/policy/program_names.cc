// SPDX-License-Identifier: MIT
#include "tools/sockopt/policy/program_names.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "shim/text/text.h"
#include "tools/sockopt/report/output.h"

namespace sockopt {

std::string known_as(const Program& program) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < program.count(); ++i) {
    std::string name = printable(base_name(program.path(i)), 80);
    if (std::find(names.begin(), names.end(), name) == names.end())
      names.push_back(std::move(name));
  }
  return joined(names, ", ");
}

std::string_view telling_name(const Program& program) {
  return program.count() == 0 ? std::string_view() : program.path(program.count() - 1);
}

}  // namespace sockopt
