// SPDX-License-Identifier: MIT
#include "tools/bench/micro/configuration.h"

#include <cstdlib>
#include <iostream>

#include "shim/config/reader.h"

namespace sockopt::bench {
namespace {

void end(void*, const Fault& fault) {
  std::cerr << "line " << fault.line << ": " << fault.message << '\n';
  std::exit(1);
}

}  // namespace

std::string with_rules(std::int64_t count) {
  std::string text = kSixSettings;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::string number = std::to_string(i);
    text += "[rule " + number + "]\n" + (i % 2 != 0 ? "listen" : "connect") + " = 10." +
            std::to_string(i / 250 % 250) + '.' + std::to_string(i % 250) +
            ".0/24:" + std::to_string(1024 + i) + "\nkeepidle = " + std::to_string(60 + i % 600) +
            "s\n";
  }
  return text;
}

void read_into(Policy& policy, std::string_view text) {
  read_configuration(text, "sockopt.ini", policy, {end, nullptr});
}

std::unique_ptr<Policy> read(std::string_view text) {
  auto policy = std::make_unique<Policy>();
  read_into(*policy, text);
  return policy;
}

std::unique_ptr<Plan> plan(const Policy& policy) {
  auto program = std::make_unique<Program>();
  program->set("/usr/sbin/nginx", {}, {});
  auto result = std::make_unique_for_overwrite<Plan>();
  result->make(policy, *program);
  return result;
}

}  // namespace sockopt::bench
