// SPDX-License-Identifier: MIT
//
// PAMName=: what a session of PAM puts into the environment of a service, behind all that its unit
// says, by pam_env(8).
#pragma once

#include <string>
#include <vector>

#include "tools/systemd/file_tree.h"

namespace sockopt {

/// The files with assignments that the stack of this name reads: /etc/environment, or another that
/// `envfile=` names. None where pam_env is not in it.
std::vector<std::string> pam_environment_files(const FileTree& files, const std::string& name);

}  // namespace sockopt
