// SPDX-License-Identifier: MIT
#include "tests/unit/config/loading.h"

#include <unistd.h>

#include "shim/config/load.h"
#include "tests/support/configuration.h"

namespace sockopt::test {

std::string Loading::faults(const std::vector<std::string>& variables) {
  return load(Variables(variables).get());
}

std::string Loading::rendered(const std::vector<std::string>& variables) {
  const std::string faults = load(Variables(variables).get());
  return faults + settings();
}

std::string Loading::rendered_without_variables() {
  const std::string faults = load(nullptr);
  return faults + settings();
}

std::string Loading::named(std::string_view name) const {
  return "SOCKOPT_CONFIG=" + (directory_ / name).string();
}

std::string Loading::load(const char* const* environment) {
  policy_ = std::make_unique<Policy>();
  FaultList faults;
  const std::string path = default_file();
  const std::string directory = directory_ / "sockopt.d";
  load_policy({environment, path.c_str(), directory.c_str(), geteuid()}, *policy_, faults.sink());
  std::string all;
  for (const std::string& line : faults.lines()) (all += line) += '\n';
  return without_directory(all);
}

std::string Loading::settings() const { return without_directory(render_policy(*policy_)); }

std::string Loading::without_directory(std::string text) const {
  const std::string directory = directory_.path();
  for (std::size_t at = 0; (at = text.find(directory, at)) != std::string::npos;) {
    text.replace(at, directory.size(), "DIR");
  }
  return text;
}

}  // namespace sockopt::test
