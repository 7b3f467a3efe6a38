// SPDX-License-Identifier: MIT
#include "shim/config/load.h"

#include "shim/config/environment.h"
#include "shim/config/file.h"
#include "shim/config/reader.h"

namespace sockopt {
namespace {

void read_file(const char* path, bool must_exist, uid_t uid, Policy& policy, FaultSink faults) {
  FileContent content;
  TextOf<256> error;
  switch (content.read(path, uid, error)) {
    case FileStatus::kRead:
      policy.set_file(path, content_hash(content.text()));
      read_configuration(content.text(), path, policy, faults);
      return;
    case FileStatus::kMissing:
      if (must_exist) faults({path, 0, 0, 0, "there is no such file (SOCKOPT_CONFIG)"});
      return;
    case FileStatus::kRefused: {
      TextOf<320> message;
      message << "not read: it " << error.view();
      faults({path, 0, 0, 0, message.view()});
      return;
    }
  }
}

}  // namespace

void load_policy(const Surroundings& surroundings, Policy& policy, FaultSink faults) {
  const std::string_view named = get_variable(surroundings.environment, "SOCKOPT_CONFIG");
  if (named.empty()) {
    read_file(surroundings.default_path, false, surroundings.uid, policy, faults);
  } else if (named.front() != '/') {
    TextOf<256> message;
    message << "SOCKOPT_CONFIG=";
    message.escaped(named, 120) << ": takes an absolute path; no file was read";
    faults({kEnvironmentSource, 0, 0, 0, message.view()});
  } else {
    // A variable's value ends in NUL.
    read_file(named.data(), true, surroundings.uid, policy, faults);
  }
  read_environment(surroundings.environment, policy, faults);
}

}  // namespace sockopt
