// SPDX-License-Identifier: MIT
#include "tests/support/servers/nginx.h"

namespace sockopt::test {

std::vector<std::string> set_up_nginx(const TemporaryDirectory& directory,
                                      const NginxSetup& setup) {
  directory.write("html/index.html", "hello\n");
  directory.write("nginx.conf", R"(
      user www-data;
      pid nginx.pid;
      events { worker_connections 64; }
      worker_processes )" + std::to_string(setup.workers) +
                                    ";\n" + setup.main + R"(
      http {
        access_log off;
        client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
        uwsgi_temp_path uwsgi; scgi_temp_path scgi;
        )" + setup.http + R"(
        server { root html; listen )" +
                                    setup.listen + ";\n" + setup.server + R"(}
      })");
  return {"/usr/sbin/nginx", "-p", directory.path(), "-e", "stderr", "-c", "nginx.conf"};
}

}  // namespace sockopt::test
