// SPDX-License-Identifier: MIT
#include "tests/bounds/shim_file.h"

#include "shim/options/table.h"

namespace sockopt::test {

std::string every_inherited_option() {
  std::string text = "[sockopt]\n";
  for (const Row& row : kRows) {
    const Inheritance inheritance = row.option.inheritance;
    if (inheritance == Inheritance::kPerSocket || inheritance == Inheritance::kClient) continue;
    // No such device, no data to wait for, no IPv6; and what MPTCP refuses is not inherited.
    const std::string_view key = row.option.key;
    if (key == "bindtodevice" || key == "defer_accept" || key == "v6only") continue;
    if (key == "mptcp") continue;
    text.append(key).append(" = ").append(row.manual.example).append("\n");
  }
  return text;
}

std::string rules_about_others(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    const std::string number = std::to_string(i);
    text += "[rule r" + number + "]\n" + (i % 2 == 0 ? "listen = " : "connect = 10.0.0.0/8:") +
            std::to_string(1000 + i) + "\nkeepidle = 20s\nkeepcnt = 3\nnodelay = off\n";
  }
  return text;
}

}  // namespace sockopt::test
