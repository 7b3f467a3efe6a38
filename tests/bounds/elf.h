// SPDX-License-Identifier: MIT
//
// A shared library as readelf(1) and nm(1) show it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace sockopt::test {

struct Symbol {
  std::string name;
  std::string version;  // GLIBC_2.4; empty where it has none
  char kind = '?';      // as nm shows it: T, U, w ...

  bool is_undefined() const { return kind == 'U' || kind == 'w' || kind == 'v'; }
};

// All dynamic symbols.
std::vector<Symbol> dynamic_symbols(const std::filesystem::path& library);

// Values of this tag of the dynamic section: NEEDED, SONAME.
std::vector<std::string> dynamic_values(const std::filesystem::path& library,
                                        const std::string& tag);

// What readelf writes for these options.
std::string readelf(const std::string& options, const std::filesystem::path& library);

}  // namespace sockopt::test
