// SPDX-License-Identifier: MIT
#include "tools/sockopt/units/service_policy.h"

#include <fmt/format.h>
#include <unistd.h>

#include "shim/config/environment.h"
#include "shim/config/file.h"
#include "shim/config/reader.h"
#include "shim/zmq/environment.h"
#include "shim/zmq/reader.h"
#include "tools/sockopt/policy/fault_sink.h"
#include "tools/systemd/service_user.h"
#include "tools/systemd/specifiers.h"

namespace sockopt {
namespace {

std::vector<std::string> usual_files(const FileTree& files) {
  std::vector<std::string> paths;
  if (files.status(SOCKOPT_DEFAULT_CONFIG)) paths.emplace_back(SOCKOPT_DEFAULT_CONFIG);
  for (const std::string& name : files.list(SOCKOPT_DEFAULT_DIRECTORY)) {
    if (name.ends_with(".ini") && !name.starts_with('.')) {
      paths.push_back(fmt::format("{}/{}", SOCKOPT_DEFAULT_DIRECTORY, name));
    }
  }
  return paths;
}

std::vector<std::string> variables_of(const ServiceSubject& subject) {
  std::vector<std::string> entries;
  for (const ServiceVariable& one : subject.environment.variables()) {
    if (!one.name.starts_with(kVariablePrefix)) continue;
    const std::string value =
        one.source == ServiceVariable::Source::kFile || one.source == ServiceVariable::Source::kPam
            ? one.value
            : expand_specifiers(one.value, subject.unit.name).value_or("");
    entries.push_back(fmt::format("{}={}", one.name, value));
  }
  return entries;
}

// Why the library will not read it; empty: it will.
std::string refusal(const FileTree& files, const struct stat& status, uid_t user) {
  if (S_ISFIFO(status.st_mode)) return "is a FIFO, not a regular file";
  if (!S_ISREG(status.st_mode)) return "is not a regular file";
  uid_t owner = status.st_uid;
  // Whoever makes an image without being root owns what will be root's.
  if (!files.is_host() && ::geteuid() != 0 && owner == ::geteuid()) owner = 0;
  TextOf<256> why;
  return is_trusted(owner, status.st_mode, user, why) ? std::string() : std::string(why.view());
}

}  // namespace

ServicePolicy::ServicePolicy(const ServiceSubject& subject, const std::string& configuration) {
  const std::vector<std::string> entries = variables_of(subject);
  std::vector<const char*> environment;
  for (const std::string& entry : entries) environment.push_back(entry.c_str());
  environment.push_back(nullptr);

  named_ = configuration.empty() ? get_variable(environment.data(), "SOCKOPT_CONFIG")
                                 : std::string_view(configuration);
  if (!named_.empty() && !named_.starts_with('/')) {
    faults_.push_back(
        Finding::error("config", fmt::format("SOCKOPT_CONFIG={}: takes an absolute path", named_)));
    return;
  }
  const auto user = service_user(subject.files, subject.unit);
  for (const std::string& path :
       named_.empty() ? usual_files(subject.files) : std::vector<std::string>{named_}) {
    Result<std::string> text = subject.files.read(path);
    const auto status = subject.files.status(path);
    const std::string outside = subject.files.outside(path);
    if (!text || !status) {
      faults_.push_back(Finding::error("config", text ? outside : text.failure().text()));
      continue;
    }
    files_.push_back(path);
    const std::string why = refusal(subject.files, *status, user ? user->user : 0);
    if (!why.empty()) {
      faults_.push_back(Finding::error("config", fmt::format("not read: it {}", why)));
      faults_.back().place.file = outside;
    }
    read_configuration(*text, outside, *policy_, fault_sink(faults_));
    zmq::read_configuration(*text, outside, *zmq_, fault_sink(faults_),
                            zmq::SharedFaults::kLeftToOthers);
    texts_.emplace(outside, *std::move(text));
  }
  read_environment(environment.data(), *policy_, fault_sink(faults_));
  zmq::read_environment(environment.data(), *zmq_, fault_sink(faults_));
}

const std::string* ServicePolicy::text_of(const std::string& outside) const {
  const auto found = texts_.find(outside);
  return found == texts_.end() ? nullptr : &found->second;
}

}  // namespace sockopt
