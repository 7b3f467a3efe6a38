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

// Macros, for the message of SOCKOPT_NEEDS.
#define POSTGRES_BIN "/usr/lib/postgresql/15/bin/"
#define POSTGRES POSTGRES_BIN "postgres"

/// Makes the cluster `data`, whose only user is `postgres` and needs no password.
std::vector<std::string> initdb(const std::string& data);

/// Each of `settings` as `-c` takes it: fsync=on.
std::vector<std::string> postgres(const std::string& data, std::uint16_t port,
                                  const std::string& address = "127.0.0.1",
                                  const std::vector<std::string>& settings = {});

/// Asks the server on 127.0.0.1, and prints the bare values.
std::vector<std::string> psql(std::uint16_t port, const std::string& sql);

}  // namespace sockopt::test
