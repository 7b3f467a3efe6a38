// SPDX-License-Identifier: MIT
//
// What somebody could have meant who named a unit that does not exist.
#pragma once

#include <string>

#include "tools/systemd/file_tree.h"
#include "tools/systemd/unit_index.h"

namespace sockopt {

/// A sentence about the unit whose template, alias or neighbour the name is; empty: there is none.
std::string suggest_unit(const FileTree& files, const UnitIndex& index, const std::string& name);

}  // namespace sockopt
