// SPDX-License-Identifier: MIT
//
// Names of units, and which other names share their drop-ins: the template of an instance, and what
// a name is cut to at its dashes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sockopt {

/// A name as people type it, with `.service` where it has no type.
std::string complete_unit_name(std::string_view typed);

/// Of known type, and fit to be part of a path.
bool is_unit_name(std::string_view name);

/// `service` of `nginx.service`.
std::string_view unit_type(std::string_view name);

/// `postgresql` of `postgresql@15-main.service`.
std::string_view unit_prefix(std::string_view name);

/// `15-main` of `postgresql@15-main.service`; empty where it is no instance.
std::string_view unit_instance(std::string_view name);

bool is_unit_template(std::string_view name);  ///< `postgresql@.service`

/// `postgresql@.service` of `postgresql@15-main.service`; empty where it is no instance.
std::string unit_template(std::string_view name);

/// `postgresql@15-main.service` of `postgresql@.service` and `15-main`.
std::string instantiate_unit(std::string_view unit_template, std::string_view instance);

/// The names whose `.d` directories are read for this one, the most specific first: itself, its
/// template, `a-b-.service` and `a-.service` of `a-b-c.service`. Not the type's own, `service`.
std::vector<std::string> drop_in_names(std::string_view name);

/// systemd's escaping undone: `-` is `/`, and `\x2d` a byte.
std::string unescape_unit_name(std::string_view escaped);

}  // namespace sockopt
