// SPDX-License-Identifier: MIT
#include "tests/bounds/elf.h"

#include <sstream>
#include <stdexcept>

#include "tests/support/process.h"

namespace sockopt::test {
namespace {

std::string output_of(const std::vector<std::string>& argv) {
  const Finished finished = run({.argv = argv});
  if (!finished.success()) throw std::runtime_error(argv[0] + ": " + finished.error);
  return finished.output;
}

}  // namespace

std::string readelf(const std::string& options, const std::filesystem::path& library) {
  return output_of({"readelf", "-W", options, library});
}

std::vector<std::string> dynamic_values(const std::filesystem::path& library,
                                        const std::string& tag) {
  std::vector<std::string> values;
  std::istringstream lines(readelf("-d", library));
  for (std::string line; std::getline(lines, line);) {
    const std::size_t open = line.rfind('[');
    if (line.find('(' + tag + ')') == std::string::npos || open == std::string::npos) continue;
    values.push_back(line.substr(open + 1, line.rfind(']') - open - 1));
  }
  return values;
}

std::vector<Symbol> dynamic_symbols(const std::filesystem::path& library) {
  std::vector<Symbol> symbols;
  std::istringstream lines(output_of({"nm", "-D", "--with-symbol-versions", library}));
  for (std::string line; std::getline(lines, line);) {
    // `0000000000001000 T accept` or `                 U free@GLIBC_2.2.5`
    std::istringstream words(line);
    std::vector<std::string> parts;
    for (std::string word; words >> word;) parts.push_back(word);
    if (parts.size() < 2) continue;
    Symbol symbol;
    symbol.kind = parts[parts.size() - 2].front();
    const std::string& name = parts.back();
    const std::size_t at = name.find('@');
    symbol.name = name.substr(0, at);
    if (at != std::string::npos) symbol.version = name.substr(name.find_first_not_of('@', at));
    symbols.push_back(symbol);
  }
  if (symbols.empty()) throw std::runtime_error("nm shows no dynamic symbol");
  return symbols;
}

}  // namespace sockopt::test
