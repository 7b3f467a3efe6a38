// SPDX-License-Identifier: MIT
//
// Whether the library is in a running process, and if it is not, why: the loader, the environment
// and the executable each have their say, and only the first that says no is worth reading.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/inspect/process_facts.h"
#include "tools/sockopt/diagnosis/cleaning_daemons.h"
#include "tools/sockopt/diagnosis/library_file.h"
#include "tools/sockopt/diagnosis/network_place.h"
#include "tools/sockopt/diagnosis/unit_preload.h"
#include "tools/sockopt/launch/elf_file.h"
#include "tools/sockopt/report/finding.h"

namespace sockopt {

/// An ancestor that has the library's name in its LD_PRELOAD, though the process has not.
struct NamingAncestor {
  pid_t pid = 0;
  std::string name;
};

/// The library as it is in the process.
struct LoadedLibrary {
  std::string path;
  bool replaced = false;  ///< the file has been replaced or removed since
  bool removed = false;   ///< there is none of that name now
  std::string version{};  ///< empty where it is idle: then it says nothing of itself
};

struct ReachFacts {
  pid_t pid = 0;
  std::string apply;  ///< `sockopt apply 812`, with the file that is meant; empty: in vain
  std::string enable{"sockopt enable"};  ///< with the file that is meant
  std::string check{};          ///< what shows why its next start would be refused; empty: nothing
  std::string unit;             ///< full name; empty where it is in none
  bool per_connection = false;  ///< the unit is started anew for each connection
  Container container = Container::kNone;
  ProcessFacts process;
  std::optional<LoadedLibrary> loaded;
  std::optional<ElfFile> executable;
  std::string library{};                  ///< the library that is installed
  ElfMachines library_machines{};         ///< that it is installed for
  std::vector<std::string> named;         ///< the words of LD_PRELOAD that mean the library
  std::optional<LibraryFile> named_file;  ///< what the first of them stands for
  std::string missing{};  ///< a word of LD_PRELOAD, the path of a file that is not there
  std::optional<NamingAncestor> ancestor;
  std::optional<CleaningDaemon> cleaner;    ///< an ancestor that hands on only what it lists
  std::optional<UnitPreload> unit_preload;  ///< where its unit has the library
  std::string root{};        ///< `in its root /srv/jail`; empty where it sees the files that we see
  std::int64_t started = 0;  ///< seconds since 1970
};

Findings examine_reach(const ReachFacts& facts);

/// A fix with what helps until it is done: behind a command as a comment, so that a shell takes it.
std::string meanwhile(const std::string& fix, const std::string& apply);

/// The command that helps where nothing helps for good; empty where it would be in vain.
std::string after_each_start(const std::string& apply);

/// What starts it again where its unit has the library by now, which systemd may not have read.
std::string restart_enabled(const ReachFacts& facts);

/// What starts the process again with the library: `sockopt enable UNIT`, `sockopt run`, or what
/// whoever made its container has to write.
std::string restart_with_library(const ReachFacts& facts);
/// What starts it again as it is.
std::string restart(const ReachFacts& facts);

}  // namespace sockopt
