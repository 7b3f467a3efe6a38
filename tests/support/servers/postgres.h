// SPDX-License-Identifier: MIT
//
// The command lines of a PostgreSQL of the test's own: a cluster in a directory, a server on one
// address with few connections and no file synchronized, and its client. All of them refuse to be
// root.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sockopt::test {

/// The path of a program of the newest PostgreSQL that is installed; empty where there is none.
std::string postgres_program(const std::string& name);
#define SOCKOPT_NEEDS_POSTGRES()                             \
  if (::sockopt::test::postgres_program("postgres").empty()) \
  GTEST_SKIP() << "PostgreSQL is not installed"

/// Makes the cluster `data`, whose only user is `postgres` and needs no password.
std::vector<std::string> initdb(const std::string& data);

/// Each of `settings` as `-c` takes it: fsync=on.
std::vector<std::string> postgres(const std::string& data, std::uint16_t port,
                                  const std::string& address = "127.0.0.1",
                                  const std::vector<std::string>& settings = {});

/// Asks the server on 127.0.0.1, and prints the bare values.
std::vector<std::string> psql(std::uint16_t port, const std::string& sql);

}  // namespace sockopt::test
