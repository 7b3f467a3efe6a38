// SPDX-License-Identifier: MIT
//
// A file, and behind a line of four dashes bytes to be changed in the policy that it becomes, three
// each: where (two bytes) and what. So damaged, as a hostile process may show it to the command, a
// policy that is taken for consistent is gone through in full: nothing of it may lead out of it.
#include <cstring>
#include <memory>

#include "oracle.h"
#include "shim/config/environment.h"
#include "shim/config/reader.h"
#include "shim/policy/plan.h"

namespace sockopt::fuzz {
namespace {

void ignore(void* /*context*/, const Fault& /*fault*/) {}

void go_through(const Policy& policy) {
  TextOf<1000> text;
  for (std::size_t i = 0; i < policy.rule_count(); ++i) {
    const Rule& rule = policy.rule(i);
    text.clear();
    text.escaped(policy.name(rule));
    if (rule.kind != Rule::Kind::kVariables) text.escaped(policy.path(rule.file));
    for (std::size_t k = 0; k < rule.programs.count; ++k) {
      text.escaped(policy.glob(policy.programs()[rule.programs.first + k]));
    }
  }
  for (const Setting& setting : policy) {
    text.clear();
    format_value(policy.option(setting.option), setting.value, text);
    policy.describe_origin(setting, text);
    describe_range(policy.option(setting.option), text);
    must_be_printable(text.view(), 1000);
  }
  SOCKOPT_HOLDS(!log_level_name(policy.log_level()).empty(), "log level");

  static Program program;
  program.set("/usr/sbin/nginx", {}, "nginx");
  const auto plan = std::make_unique<Plan>();
  plan->make(policy, program);
  for (const char* where : {"192.0.2.1:443", "[2001:db8::1]:80"}) {
    Address address;
    SOCKOPT_HOLDS(parse_address(where, address, text), where);
    Decision decision;
    plan->decide(Side::kListen, address, decision);
    plan->decide(Side::kConnect, address, decision);
    for (const OptionId id : decision.wanted) {
      SOCKOPT_HOLDS(id < policy.option_count() && decision.settings[id] != nullptr, where);
    }
  }
}

void test_held(std::string_view file, std::string_view changes) {
  Policy& whole = fresh_policy();
  read_configuration(file, "sockopt.ini", whole, {&ignore, nullptr});
  const char* const variables[] = {"SOCKOPT_NODELAY=on", "SOCKOPT_RAW_6_200=hex:0102", nullptr};
  read_environment(variables, whole, {&ignore, nullptr});
  const std::size_t size = whole.compact();
  SOCKOPT_HOLDS(whole.is_consistent(size), "as it was made");

  // As much memory as there is of it, and not a byte more.
  const std::unique_ptr<unsigned char[]> bytes(new unsigned char[size]);
  std::memcpy(bytes.get(), &whole, size);
  for (; changes.size() >= 3; changes.remove_prefix(3)) {
    const auto at =
        static_cast<unsigned char>(changes[0]) * 256U + static_cast<unsigned char>(changes[1]);
    bytes[at % size] = static_cast<unsigned char>(changes[2]);
  }
  const auto& damaged = *reinterpret_cast<const Policy*>(bytes.get());
  if (damaged.is_consistent(size)) go_through(damaged);
}

}  // namespace
}  // namespace sockopt::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sockopt::fuzz;
  constexpr std::string_view kSeam = "\n----\n";
  const std::string_view all = input(data, size);
  const std::size_t seam = all.find(kSeam);
  if (seam == all.npos) return -1;
  test_held(all.substr(0, seam), all.substr(seam + kSeam.size()));
  return 0;
}
