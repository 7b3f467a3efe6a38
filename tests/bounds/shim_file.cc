// SPDX-License-Identifier: MIT
//
// See shim_file.h.
#include "tests/bounds/shim_file.h"

#include "shim/options/table.h"

namespace sockopt::test {

std::string every_inherited_option() {
  std::string text = "[sockopt]\n";
  for (const Row& row : kRows) {
    const Inheritance inheritance = row.option.inheritance;
    if (inheritance == Inheritance::kPerSocket || inheritance == Inheritance::kClient) continue;
    // No such device, no data to wait for, no IPv6.
    const std::string_view key = row.option.key;
    if (key == "bindtodevice" || key == "defer_accept" || key == "v6only") continue;
    text.append(key).append(" = ").append(row.manual.example).append("\n");
  }
  return text;
}

}  // namespace sockopt::test
