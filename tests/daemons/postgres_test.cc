// SPDX-License-Identifier: MIT
//
// PostgreSQL: accepts with accept, then forks the process that serves the connection, which reads
// the options it finds as its defaults. psql, dblink and replicas are clients through libpq.
#include "tests/support/servers/postgres.h"

#include <signal.h>

#include <stdexcept>

#include "tests/support/paths.h"
#include "tests/support/requirements.h"
#include "tests/support/servers/daemon_test.h"

namespace sockopt::test {
namespace {

// libpq and the server set these two on their connections themselves.
const Options kPostgresOwn = {{"keepalive", "on"}, {"nodelay", "on"}};

class PostgresTest : public DaemonTest {
 protected:
  // It refuses to be root, and must be able to read the library whatever user has built it.
  Command as_postgres(std::vector<std::string> argv) const {
    Command command{.argv = std::move(argv),
                    .environment = environment(),
                    .user = "postgres",
                    .stop_signal = SIGINT};  // fast shutdown
    if (shimmed()) command.environment["LD_PRELOAD"] = directory() / "libsockopt.so";
    return command;
  }

  void SetUp() override {
    DaemonTest::SetUp();
    if (shimmed()) std::filesystem::copy_file(library(), directory() / "libsockopt.so");
    std::filesystem::permissions(directory().path(), std::filesystem::perms::all);
  }

  Server& start_primary() {
    must_run(initdb(directory() / "primary"));
    return start_postgres(directory() / "primary");
  }

  Server& start_replica(const Server& primary) {
    must_run({postgres_program("pg_basebackup"), "-h", "127.0.0.1", "-p",
              std::to_string(primary.port), "-U", "postgres", "-D", directory() / "replica",
              "--write-recovery-conf", "--wal-method=fetch", "--checkpoint=fast", "--no-sync"});
    return start_postgres(directory() / "replica");
  }

  void must_run(const std::vector<std::string>& argv) {
    const Finished finished = run_client(as_postgres(argv));
    if (!finished.success()) throw std::runtime_error(finished.output + finished.error);
  }

  Server& start_postgres(const std::string& data) {
    Server& server = start([&](std::uint16_t port) { return as_postgres(postgres(data, port)); });
    if (!eventually(kPatience, [&] { return query(server, "SELECT 1").success(); })) {
      throw std::runtime_error(query(server, "SELECT 1").error);
    }
    return server;
  }

  Finished query(const Server& server, const std::string& sql) {
    return run_client(as_postgres(psql(server.port, sql)));
  }
};

TEST_P(PostgresTest, ServerAndClients) {
  SOCKOPT_NEEDS_POSTGRES();
  const Server& server = start_primary();
  EXPECT_EQ(query(server, "SELECT 1").output, "1\n");
  EXPECT_TRUE(query(server, "CREATE EXTENSION dblink").success());

  // A session that is itself a client of another, and stays.
  const std::string connect =
      "host=127.0.0.1 dbname=postgres user=postgres port=" + std::to_string(server.port);
  Process session(as_postgres(psql(server.port, "SELECT dblink_connect('" + connect +
                                                    "'); "
                                                    "SELECT pg_sleep(600)")));
  const OwnedSocket client = await_socket(session.pid(), connected_to(server.port));
  expect_options(client, kPostgresOwn);
  expect_options(await_socket(server.pid(), connected_to(server.port)), kPostgresOwn);

  const OwnedSocket accepted = await_socket(server.pid(), [&](const OwnedSocket& owned) {
    return owned.socket.facts.peer == client.socket.facts.local;
  });
  EXPECT_NE(accepted.pid, server.pid());
  expect_options(accepted, kPostgresOwn);
  expect_listener(server.listener(), 64);  // it asks for twice the processes it may have
  session.stop();
  EXPECT_EQ(session.error().find("sockopt["), std::string::npos) << session.error();
}

// The process that receives the log of another server is a client of it for as long as both live.
TEST_P(PostgresTest, Replica) {
  SOCKOPT_NEEDS_POSTGRES();
  const Server& primary = start_primary();
  const Server& replica = start_replica(primary);
  EXPECT_EQ(query(replica, "SELECT pg_is_in_recovery()").output, "t\n");
  const OwnedSocket receiver = await_socket(replica.pid(), connected_to(primary.port));
  EXPECT_NE(receiver.pid, replica.pid());
  expect_options(receiver, kPostgresOwn);
}

SOCKOPT_DAEMON_TEST(PostgresTest);

}  // namespace
}  // namespace sockopt::test
