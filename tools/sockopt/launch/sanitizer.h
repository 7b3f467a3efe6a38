// SPDX-License-Identifier: MIT
//
// Programs built with AddressSanitizer and its kin. The runtime library of these has to come before
// every other one; AddressSanitizer ends the program at its start when something is preloaded in
// front. So the runtime is preloaded, too, in front of the library.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/sockopt/launch/elf_file.h"

namespace sockopt {

/// That of the sanitizer that one of these executable files is built with, as the file names it:
/// `libasan.so.8`. Empty where there is none, or where it is part of the program itself.
std::string sanitizer_runtime(const std::vector<std::string>& executables);
std::string sanitizer_runtime(const ElfFile& executable);

/// `preload`, as LD_PRELOAD has it, with `runtime` in front, and with it all other runtimes that
/// are named there already.
std::string with_runtime_first(std::string_view runtime, std::string_view preload);

}  // namespace sockopt
