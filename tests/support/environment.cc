// SPDX-License-Identifier: MIT
#include "tests/support/environment.h"

#include <cstdlib>

#include "tests/support/paths.h"
#include "tests/support/temporary_directory.h"

namespace sockopt::test {

Environment plain_environment() {
  static const TemporaryDirectory state;  // where the command keeps what it applied
  Environment environment{
      {"PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
      {"LC_ALL", "C.UTF-8"},
      {"HOME", "/tmp"},
      {"XDG_STATE_HOME", state.path()},
  };
  if (const char* directory = std::getenv("TMPDIR")) environment["TMPDIR"] = directory;
  return environment;
}

Environment shim_environment(const Environment& variables) {
  Environment environment = plain_environment();
  environment["LD_PRELOAD"] = library().string();
  for (const auto& [name, value] : variables) environment[name] = value;
  return environment;
}

}  // namespace sockopt::test
