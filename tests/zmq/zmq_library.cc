// SPDX-License-Identifier: MIT
#include "tests/zmq/zmq_library.h"

#include <sstream>

#include "tests/support/paths.h"

namespace sockopt::test {

std::filesystem::path zmq_library() { return build_directory() / "libsockopt-zmq.so"; }

std::filesystem::path zmq_program(std::string_view name) {
  return std::filesystem::path(SOCKOPT_ZMQ_PROGRAMS) / name;
}

std::string zmq_script(std::string_view name) {
  return source_directory() / "tests/zmq/programs" / name;
}

bool has_pyzmq() {
  static const bool has =
      has_program(kSystemPython) && run({.argv = {kSystemPython, "-c", "import zmq"}}).success();
  return has;
}

Environment zmq_environment(const Environment& variables) {
  Environment environment = shim_environment(variables);
  environment["LD_PRELOAD"] = zmq_library();
  return environment;
}

Environment both_environment(const Environment& variables) {
  Environment environment = shim_environment(variables);
  environment["LD_PRELOAD"] = library().string() + ":" + zmq_library().string();
  return environment;
}

std::vector<std::string> probe(std::vector<std::string> words, const Environment& environment,
                               std::string* error) {
  words.insert(words.begin(), zmq_program("probe"));
  const Finished finished = run({.argv = std::move(words), .environment = environment});
  EXPECT_TRUE(finished.success()) << finished.error;
  if (error != nullptr) *error = finished.error;
  std::vector<std::string> lines;
  std::istringstream output(finished.output);
  for (std::string line; std::getline(output, line);) lines.push_back(line);
  return lines;
}

}  // namespace sockopt::test
