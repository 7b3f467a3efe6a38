// SPDX-License-Identifier: MIT
#include "tools/sockopt/report/host_name.h"

#include <sys/utsname.h>

#include "tools/sockopt/report/output.h"

namespace sockopt {

std::string host_name() {
  utsname system = {};
  return ::uname(&system) == 0 ? printable(system.nodename) : std::string();
}

}  // namespace sockopt
