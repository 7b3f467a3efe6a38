// SPDX-License-Identifier: MIT
#include "tests/support/servers/postgres.h"

namespace sockopt::test {

std::vector<std::string> initdb(const std::string& data) {
  return {POSTGRES_BIN "initdb", "-D", data, "--no-sync", "-A", "trust", "-U", "postgres"};
}

std::vector<std::string> postgres(const std::string& data, std::uint16_t port,
                                  const std::string& address,
                                  const std::vector<std::string>& settings) {
  std::vector<std::string> argv = {POSTGRES, "-D", data, "-p", std::to_string(port)};
  std::vector<std::string> all = {"listen_addresses=" + address,
                                  "unix_socket_directories=", "fsync=off", "max_connections=10"};
  all.insert(all.end(), settings.begin(), settings.end());
  for (const std::string& setting : all) argv.insert(argv.end(), {"-c", setting});
  return argv;
}

std::vector<std::string> psql(std::uint16_t port, const std::string& sql) {
  return {POSTGRES_BIN "psql",  "-h",   "127.0.0.1", "-p",
          std::to_string(port), "-U",   "postgres",  "-d",
          "postgres",           "-Atc", sql};
}

}  // namespace sockopt::test
