// SPDX-License-Identifier: MIT
//
// Which systemd unit a process belongs to. systemd gives each unit a cgroup of its name, and a
// process stays in it whatever it forks, renames or becomes: /proc/PID/cgroup needs no privilege
// and no D-Bus, and also tells the truth about the workers of a daemon.
#pragma once

#include <string>
#include <string_view>

#include "tools/inspect/foreign_process.h"

namespace sockopt {

/// As systemctl(1) reads it: `nginx` is `nginx.service`; a name with a unit's suffix stays.
std::string full_unit_name(std::string_view given);

/// The innermost service or scope named in the text of /proc/PID/cgroup; empty where none is.
std::string unit_of_cgroup(std::string_view cgroup);

/// Whether that text places a process in `unit` (a full name), or in a cgroup below it.
bool is_in_unit(std::string_view cgroup, std::string_view unit);

/// Whether systemd runs this system, as sd_booted(3).
bool is_systemd_running();

/// The unit of a process; empty where it is in none, or has ended.
std::string unit_of(const ForeignProcess& process);

}  // namespace sockopt
