// SPDX-License-Identifier: MIT
//
// Which configuration files count, and in which order: each is handed over with its path. A
// template: for who reads them the choice costs no instruction.
#pragma once

#include <sys/types.h>

#include <span>
#include <string_view>

#include "shim/config/directory.h"
#include "shim/config/environment_view.h"
#include "shim/config/fault.h"
#include "shim/config/file.h"

namespace sockopt {

struct Surroundings {
  EnvironmentView environment;    ///< none where variables must not be heeded
  const char* default_path;       ///< the file that is read unless SOCKOPT_CONFIG names one,
  const char* default_directory;  ///< and the directory whose *.ini files follow it
  uid_t uid;                      ///< the process's effective user
  bool (*gives_up)() = nullptr;   ///< asked before each file: whether no more is to be read
  std::span<char> room = {};      ///< for what a file holds; a longer one is mapped
};

/// What reading takes besides, and has no place on a small stack.
struct LoadBuffers {
  char path[4096];
  DirectoryNames directory;
};

/// `Read` is called with the content of a file, and its path.
template <typename Read>
class ConfigurationFiles {
 public:
  ConfigurationFiles(const Surroundings& surroundings, LoadBuffers& buffers, const Read& read,
                     FaultSink faults)
      : surroundings_(surroundings), buffers_(buffers), read_(read), faults_(faults) {}

  void read_all() {
    const std::string_view named = get_variable(surroundings_.environment, "SOCKOPT_CONFIG");
    if (named.empty()) {
      read_file(surroundings_.default_path, nullptr);
      read_directory();
    } else if (named.front() != '/') {
      TextOf<256> message;
      message << "SOCKOPT_CONFIG=";
      message.escaped(named, 120) << ": takes an absolute path; no file was read";
      faults_({kEnvironmentSource, 0, 0, 0, message.view()});
    } else {
      // A variable's value ends in NUL.
      read_file(named.data(), "; create it, or unset SOCKOPT_CONFIG, which names it");
    }
  }

 private:
  // `advice` is for a file that is not there; null where it need not be.
  void read_file(const char* path, const char* advice) {
    if (surroundings_.gives_up != nullptr && surroundings_.gives_up()) return;
    FileContent content(surroundings_.room);
    TextOf<256> error;
    switch (content.read(path, surroundings_.uid, error)) {
      case FileStatus::kRead:
        return read_(content.text(), path);
      case FileStatus::kMissing:
        if (advice != nullptr) report(path, "there is no such file", advice);
        return;
      case FileStatus::kRefused:
        return report(path, "not read: it ", error.view());
    }
  }

  void read_directory() {
    const char* directory = surroundings_.default_directory;
    DirectoryNames& names = buffers_.directory;
    TextOf<128> error;
    const std::size_t count = names.read(directory, error);
    if (!error.empty()) report(directory, {}, error.view());
    for (std::size_t i = 0; i < count; ++i) {
      Text path(buffers_.path, sizeof buffers_.path);
      path << directory << '/' << names.name(i) << '\0';
      if (!path.was_cut()) read_file(buffers_.path, "");
    }
  }

  void report(std::string_view source, std::string_view what, std::string_view why) {
    TextOf<400> message;
    message << what << why;
    faults_({source, 0, 0, 0, message.view()});
  }

  const Surroundings& surroundings_;
  LoadBuffers& buffers_;
  const Read& read_;
  FaultSink faults_;
};

}  // namespace sockopt
