// SPDX-License-Identifier: MIT
//
// What `enable` and `disable` have in common: which unit, in which tree, and telling systemd of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/sockopt/arguments.h"
#include "tools/sockopt/report/output.h"
#include "tools/sockopt/verb.h"
#include "tools/systemd/unit.h"

namespace sockopt {

struct UnitArguments {
  std::vector<std::string> units;
  std::string root = "/";
  bool dry_run = false;
  bool now = false;
  bool all = false;  ///< of `disable`
};

void declare_unit_arguments(Arguments& arguments, UnitArguments& given, const char* now_meaning);

/// The tree of --root. Throws UsageError where there is none, or where the arguments contradict
/// each other.
FileTree open_tree(const UnitArguments& given);

/// `nginx` as `nginx.service`. Throws UsageError for what is no name of a service.
std::string service_name(const FileTree& files, const UnitIndex& index, const std::string& typed);

/// Makes systemd read its files again; with `dry_run` only says so. False where that failed.
bool reload_systemd(bool dry_run, Output& out);

}  // namespace sockopt
