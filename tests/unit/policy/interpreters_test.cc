// SPDX-License-Identifier: MIT
//
// Where the script stands on an interpreter's command line, for what real command lines look like.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "shim/policy/interpreter.h"
#include "shim/policy/program.h"

namespace sockopt::test {
namespace {

struct CommandLine {
  std::string_view script;
  std::vector<std::string> arguments;
};

TEST(Interpreters, FindTheScript) {
  const CommandLine lines[] = {
      {"/srv/app.py", {"python3", "/srv/app.py"}},
      {"app.py", {"python3.11", "-Es", "app.py"}},
      {"app.py", {"python3", "-E", "app.py"}},
      {"app.py", {"python", "-uB", "-Wignore", "-Xdev", "app.py", "-c", "x"}},
      {"http.server", {"pypy3", "-m", "http.server", "8000"}},
      {"gunicorn", {"python3", "-u", "-m", "gunicorn", "-w", "4"}},
      {"app.pl", {"perl", "-wT", "app.pl", "-e"}},
      {"app.pl", {"perl", "-I", "lib", "app.pl"}},
      {"app.pl", {"perl", "-Ilib", "-MPOSIX", "app.pl"}},
      {"app.rb", {"ruby", "-I", "lib", "-W0", "app.rb"}},
      {"app.rb", {"ruby", "-E", "UTF-8", "app.rb"}},
      {"server.js", {"node", "server.js"}},
      {"server.js", {"node", "-r", "./tracing.js", "server.js"}},
      {"server.js", {"node", "--require", "./tracing.js", "server.js"}},
      {"server.js", {"node", "--import", "./tracing.js", "server.js"}},
      {"server.js", {"node", "--require=./tracing.js", "--max-old-space-size=512", "server.js"}},
      {"index.php", {"php", "-d", "display_errors=1", "index.php"}},
      {"index.php", {"php8.2", "-c", "/etc/php.ini", "index.php"}},
      {"start.sh", {"sh", "start.sh"}},
      {"start.sh", {"sh", "-eu", "start.sh"}},
      {"start.sh", {"sh", "-e", "start.sh"}},
      {"start.sh", {"bash", "-o", "pipefail", "start.sh"}},
      {"start.sh", {"bash", "--norc", "start.sh"}},
      {"start.sh", {"dash", "-x", "--", "start.sh"}},
      {"app.jar", {"java", "-Xmx512m", "-Dx=y", "-jar", "app.jar", "--server.port=80"}},
      {"app.jar", {"java", "-cp", "lib.jar", "-jar", "app.jar"}},
      {"com.example.Main", {"java", "-cp", "x.jar", "com.example.Main", "app.jar"}},
      {"com.example.Main", {"java", "@options", "-ea", "-cp=x.jar", "com.example.Main"}},
      {"App.dll", {"dotnet", "App.dll"}},
      {"App.dll", {"dotnet", "exec", "--fx-version", "8.0.1", "App.dll"}},
      {"main.ts", {"deno", "run", "-A", "--import-map", "map.json", "main.ts", "--port", "80"}},
      {"server.ts", {"bun", "--cwd", "/srv", "server.ts"}},
      {"app.exe", {"mono", "--debug", "app.exe"}},
      {"server.lua", {"lua5.4", "-W", "-lsocket", "server.lua"}},
  };
  for (const CommandLine& line : lines) {
    std::string joined;
    for (const std::string& argument : line.arguments) (joined += argument) += '\0';
    EXPECT_EQ(script_of("/usr/bin/" + line.arguments[0], joined), line.script)
        << ::testing::PrintToString(line.arguments);
  }
}

TEST(Interpreters, AndSayWhenThereIsNone) {
  const std::vector<std::string> lines[] = {
      {"python3"},
      {"python3", "-"},
      {"python3", "-i"},
      {"python3", "-c", "import x", "app.py"},
      {"python3", "-uc", "import x", "app.py"},
      {"perl", "-e", "print", "app.pl"},
      {"perl", "-ne", "print", "app.pl"},
      {"perl", "-E", "say", "app.pl"},
      {"ruby", "-e", "puts", "app.rb"},
      {"node", "-e", "code", "server.js"},
      {"node", "-p", "code", "server.js"},
      {"node", "--eval", "code", "server.js"},
      {"php", "-r", "code", "index.php"},
      {"sh", "-c", "exec nginx", "start.sh"},
      {"bash", "-lc", "exec nginx", "start.sh"},
      {"sh", "-ec", "exec nginx", "start.sh"},
      {"java", "-version"},
      {"java", "-cp", "x.jar"},
      {"dotnet", "--info"},
      {"bun", "--print", "code", "server.ts"},
      {"lua5.4", "-"},
      {"nginx", "-c", "app.py"},
      {"redis-server", "app.py"},
      {"shutdown", "app.py"},
      {"bashful", "app.py"},
      {"javac", "-jar", "app.jar"},
  };
  for (const std::vector<std::string>& line : lines) {
    std::string joined;
    for (const std::string& argument : line) (joined += argument) += '\0';
    EXPECT_EQ(script_of("/usr/bin/" + line[0], joined), "") << ::testing::PrintToString(line);
  }
}

}  // namespace
}  // namespace sockopt::test
