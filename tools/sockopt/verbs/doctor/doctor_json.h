// SPDX-License-Identifier: MIT
//
// What `sockopt doctor` found, for programs: schema sockopt.doctor/2.
#pragma once

#include <string>
#include <vector>

#include "tools/sockopt/diagnosis/examined.h"
#include "tools/sockopt/live/unreadable_process.h"

namespace sockopt {

std::string doctor_json(const std::vector<Examined>& examined,
                        const std::vector<UnreadableProcess>& unreadable);

}  // namespace sockopt
