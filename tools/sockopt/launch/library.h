// SPDX-License-Identifier: MIT
//
// Where libsockopt.so is: beside this very command, so that a build tree uses its own, or where it
// was installed.
#pragma once

#include <string>
#include <string_view>

#include "tools/sockopt/launch/elf_file.h"

namespace sockopt {

/// An absolute path that LD_PRELOAD can hold. Throws std::runtime_error, with the reason, where
/// there is none.
std::string find_library();

inline constexpr std::string_view kZmqLibrary = "libsockopt-zmq.so";

/// Where it is installed with a library.
std::string zmq_library_beside(std::string_view library);

/// The same of libsockopt-zmq.so; empty where there is none that can be preloaded.
std::string find_zmq_library();

/// The path of the installed library; where it would be, where there is none.
std::string installed_library();

/// The machine that the installed library is for; this command's own where there is none.
ElfMachine installed_machine();

/// With those that it is installed for besides, so that LD_PRELOAD can serve them all.
ElfMachines installed_machines();

}  // namespace sockopt
