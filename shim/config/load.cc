// SPDX-License-Identifier: MIT
#include "shim/config/load.h"

#include "shim/config/environment.h"
#include "shim/config/file.h"
#include "shim/config/reader.h"

namespace sockopt {
namespace {

void report(std::string_view source, std::string_view what, std::string_view why,
            FaultSink faults) {
  TextOf<400> message;
  message << what << why;
  faults({source, 0, 0, 0, message.view()});
}

// `advice` is for a file that is not there; null where it need not be.
void read_file(const char* path, const char* advice, const Surroundings& surroundings,
               Policy& policy, FaultSink faults) {
  if (surroundings.gives_up != nullptr && surroundings.gives_up()) return;
  FileContent content(surroundings.room);
  TextOf<256> error;
  switch (content.read(path, surroundings.uid, error)) {
    case FileStatus::kRead:
      return read_configuration(content.text(), path, policy, faults);
    case FileStatus::kMissing:
      if (advice != nullptr) report(path, "there is no such file", advice, faults);
      return;
    case FileStatus::kRefused:
      return report(path, "not read: it ", error.view(), faults);
  }
}

void read_directory(const Surroundings& surroundings, LoadBuffers& buffers, Policy& policy,
                    FaultSink faults) {
  const char* directory = surroundings.default_directory;
  DirectoryNames& names = buffers.directory;
  TextOf<128> error;
  const std::size_t count = names.read(directory, error);
  if (!error.empty()) report(directory, {}, error.view(), faults);
  for (std::size_t i = 0; i < count; ++i) {
    Text path(buffers.path, sizeof buffers.path);
    path << directory << '/' << names.name(i) << '\0';
    if (!path.was_cut()) read_file(buffers.path, "", surroundings, policy, faults);
  }
}

}  // namespace

void load_policy(const Surroundings& surroundings, LoadBuffers& buffers, Policy& policy,
                 FaultSink faults) {
  const std::string_view named = get_variable(surroundings.environment, "SOCKOPT_CONFIG");
  if (named.empty()) {
    read_file(surroundings.default_path, nullptr, surroundings, policy, faults);
    read_directory(surroundings, buffers, policy, faults);
  } else if (named.front() != '/') {
    TextOf<256> message;
    message << "SOCKOPT_CONFIG=";
    message.escaped(named, 120) << ": takes an absolute path; no file was read";
    faults({kEnvironmentSource, 0, 0, 0, message.view()});
  } else {
    // A variable's value ends in NUL.
    read_file(named.data(), "; create it, or unset SOCKOPT_CONFIG, which names it", surroundings,
              policy, faults);
  }
  if (surroundings.environment) read_environment(surroundings.environment, policy, faults);
}

}  // namespace sockopt
