// SPDX-License-Identifier: MIT
#include "tools/sockopt/units/service_start.h"

#include <utility>

namespace sockopt {

std::string find_service_program(const FileTree& files, const std::string& name) {
  if (name.starts_with('/')) return name;
  for (const char* directory : {"/usr/local/sbin/", "/usr/local/bin/", "/usr/sbin/", "/usr/bin/"}) {
    if (files.status(directory + name)) return directory + name;
  }
  return name;
}

ExecutedFiles follow_service_scripts(const FileTree& files, const std::string& name) {
  const auto search = [&](const std::string& other) { return find_service_program(files, other); };
  return follow_scripts(files, search(name), search);
}

std::vector<std::string> service_command_words(const FileTree& files,
                                               const ServiceCommand& command) {
  std::vector<std::string> words = {find_service_program(files, command.path)};
  words.insert(words.end(), command.words.begin(), command.words.end());
  return words;
}

StartLine follow_service_command(const FileTree& files, const ServiceCommand& command,
                                 const std::string& library, std::vector<std::string> variables) {
  const auto search = [&](const std::string& name) {
    const std::string path = find_service_program(files, name);
    // In an image, what is to run there may be installed later.
    return path.starts_with('/') ? path : "/usr/bin/" + path;
  };
  return follow_start_line(service_command_words(files, command),
                           {files, search, library, std::move(variables)});
}

}  // namespace sockopt
