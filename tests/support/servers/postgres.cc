// SPDX-License-Identifier: MIT
#include "tests/support/servers/postgres.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace sockopt::test {

std::string postgres_program(const std::string& name) {
  std::string newest;
  int newest_version = 0;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator("/usr/lib/postgresql", none)) {
    const std::filesystem::path program = entry.path() / "bin" / name;
    const int version = std::atoi(entry.path().filename().c_str());
    if (version <= newest_version || access(program.c_str(), X_OK) != 0) continue;
    newest = program;
    newest_version = version;
  }
  return newest;
}

std::vector<std::string> initdb(const std::string& data) {
  return {postgres_program("initdb"), "-D", data, "--no-sync", "-A", "trust", "-U", "postgres"};
}

std::vector<std::string> postgres(const std::string& data, std::uint16_t port,
                                  const std::string& address,
                                  const std::vector<std::string>& settings) {
  std::vector<std::string> argv = {postgres_program("postgres"), "-D", data, "-p",
                                   std::to_string(port)};
  std::vector<std::string> all = {"listen_addresses=" + address,
                                  "unix_socket_directories=", "fsync=off", "max_connections=10"};
  all.insert(all.end(), settings.begin(), settings.end());
  for (const std::string& setting : all) argv.insert(argv.end(), {"-c", setting});
  return argv;
}

std::vector<std::string> psql(std::uint16_t port, const std::string& sql) {
  return {postgres_program("psql"),
          "-h",
          "127.0.0.1",
          "-p",
          std::to_string(port),
          "-U",
          "postgres",
          "-d",
          "postgres",
          "-Atc",
          sql};
}

}  // namespace sockopt::test
