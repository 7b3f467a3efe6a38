// SPDX-License-Identifier: MIT
//
// The names that a program goes by: its file, what was exec'ed, argv[0], and the script that an
// interpreter was given.
#include "shim/policy/program.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "shim/policy/interpreter.h"

namespace sockopt::test {
namespace {

std::string joined(const std::vector<std::string>& arguments) {
  std::string all;
  for (const std::string& argument : arguments) (all += argument) += '\0';
  return all;
}

std::string script(std::string_view interpreter, const std::vector<std::string>& arguments) {
  return std::string(script_of(interpreter, joined(arguments)));
}

bool matches(std::string_view pattern, std::string_view executable, std::string_view executed,
             const std::vector<std::string>& arguments) {
  const auto program = std::make_unique<Program>();
  program->set(executable, executed, joined(arguments));
  return program->matches(pattern);
}

TEST(Program, GoesByTheBaseNamesOfAllItsNames) {
  for (const auto* pattern : {"real", "link", "zero", "r?al", "*", "/opt/real", "/usr/*/link"}) {
    EXPECT_TRUE(matches(pattern, "/opt/real", "/usr/bin/link", {"zero", "x"})) << pattern;
  }
  for (const auto* pattern : {"x", "opt", "rea", "/real", "real/", "", "bin/link"}) {
    EXPECT_FALSE(matches(pattern, "/opt/real", "/usr/bin/link", {"zero", "x"})) << pattern;
  }
}

TEST(Program, WithoutNamesMatchesNothing) {
  EXPECT_FALSE(matches("*", "", "", {}));
  const auto nothing = std::make_unique<Program>();
  EXPECT_FALSE(nothing->matches("*"));
  EXPECT_EQ(nothing->name(), "");
}

TEST(Program, AnInterpreterAlsoGoesByItsScript) {
  EXPECT_TRUE(matches("app.py", "/usr/bin/python3.11", "/usr/bin/python3",
                      {"python3", "-u", "/srv/app.py", "--port=80"}));
  EXPECT_TRUE(matches("/srv/*", "/usr/bin/python3.11", "", {"python3", "/srv/app.py"}));
  EXPECT_FALSE(matches("app.py", "/usr/bin/nginx", "", {"nginx", "/srv/app.py"}));
  EXPECT_TRUE(matches("*.Kafka", "/usr/lib/jvm/bin/java", "/usr/bin/java",
                      {"java", "-cp", "/srv/lib/*", "org.apache.Kafka", "x.properties"}));
  EXPECT_TRUE(matches("com.x.Main", "/bin/java", "", {"java", "-m", "app/com.x.Main"}));
  EXPECT_TRUE(matches("start", "/usr/bin/dash", "/srv/start", {"/bin/sh", "/srv/start"}));
}

TEST(Program, KnowsItself) {
  const auto self = std::make_unique<Program>();
  self->read_self();
  const std::string path = std::filesystem::read_symlink("/proc/self/exe");
  EXPECT_EQ(self->name(), path);
  EXPECT_TRUE(self->matches(path));
  EXPECT_TRUE(self->matches(std::filesystem::path(path).filename().string()));
  EXPECT_FALSE(self->matches("nginx"));
}

TEST(Program, NamesOfAnyLengthAreCut) {
  const std::string huge(100'000, 'x');
  const auto program = std::make_unique<Program>();
  program->set("/" + huge, {}, joined({huge, huge}));
  EXPECT_TRUE(program->matches("x*"));
  EXPECT_LT(program->name().size(), 5000U);
}

struct ScriptCase {
  std::string_view interpreter;
  std::vector<std::string> arguments;
  std::string_view script;
};

TEST(ScriptOf, EveryInterpreterTheWayItTakesIt) {
  const ScriptCase cases[] = {
      {"python3", {"python3", "app.py"}, "app.py"},
      {"python3.11", {"python3", "-W", "ignore", "-X", "dev", "app.py"}, "app.py"},
      {"/usr/bin/python3", {"python3", "-m", "http.server", "80"}, "http.server"},
      {"python3", {"python3", "-c", "import x", "app.py"}, ""},
      {"python3", {"python3"}, ""},
      {"python3", {"python3", "-"}, ""},
      {"python3", {"python3", "-u", "--", "app.py"}, "app.py"},
      {"perl", {"perl", "-w", "app.pl"}, "app.pl"},
      {"perl5.36", {"perl", "-e", "print", "app.pl"}, ""},
      {"ruby3.1", {"ruby", "-I", "lib", "-r", "json", "app.rb"}, "app.rb"},
      {"node", {"node", "--inspect", "-r", "x", "server.js"}, "server.js"},
      {"nodejs", {"nodejs", "server.js"}, "server.js"},
      {"node", {"node", "-e", "code"}, ""},
      {"php8.2", {"php", "-d", "x=y", "app.php"}, "app.php"},
      {"php", {"php", "-f", "app.php"}, "app.php"},
      {"php", {"php", "-c", "/etc/php.ini", "app.php"}, "app.php"},
      {"php", {"php", "-r", "code", "x"}, ""},
      {"sh", {"sh", "-e", "start.sh"}, "start.sh"},
      {"bash", {"bash", "-o", "pipefail", "start.sh"}, "start.sh"},
      {"sh", {"sh", "-c", "echo", "start.sh"}, ""},
      {"java", {"java", "-Xmx1g", "-jar", "app.jar", "x"}, "app.jar"},
      {"java", {"java", "-cp", "x", "Main"}, "Main"},
      {"java",
       {"java", "-XX:+UseZGC", "-Da=b", "-classpath", "x:y", "org.kafka.Kafka", "-m", "z"},
       "org.kafka.Kafka"},
      {"java",
       {"java", "-p", "mods", "--add-opens", "a/b=ALL", "-m", "app/com.x.Main"},
       "app/com.x.Main"},
      {"java", {"java", "--version"}, ""},
      {"dotnet", {"dotnet", "/srv/App.dll", "--urls", "x"}, "/srv/App.dll"},
      {"dotnet", {"dotnet", "exec", "--depsfile", "a.json", "App.dll"}, "App.dll"},
      {"deno", {"deno", "run", "--allow-net=:80", "-c", "deno.json", "main.ts"}, "main.ts"},
      {"deno", {"deno", "serve", "--port", "80", "main.ts"}, "main.ts"},
      {"bun", {"bun", "run", "--preload", "x.ts", "server.ts"}, "server.ts"},
      {"bun", {"bun", "server.ts"}, "server.ts"},
      {"bun", {"bun", "-e", "code", "server.ts"}, ""},
      {"mono", {"mono", "--config", "x", "--gc=sgen", "app.exe"}, "app.exe"},
      {"lua5.4", {"lua", "-l", "lib", "-e", "x=1", "server.lua"}, "server.lua"},
      {"luajit", {"luajit", "-O3", "-jv", "-joff", "server.lua"}, "server.lua"},
      {"lua", {"lua", "-i"}, ""},
      {"java", {"java", "-jar"}, ""},
      {"nginx", {"nginx", "app.py"}, ""},
      {"", {}, ""},
  };
  for (const ScriptCase& expected : cases) {
    EXPECT_EQ(script(expected.interpreter, expected.arguments), expected.script)
        << expected.interpreter << ' ' << testing::PrintToString(expected.arguments);
  }
}

TEST(ScriptOf, ArgumentsWithoutAnEnd) {
  EXPECT_EQ(script_of("python3", std::string_view("python3\0app.py", 14)), "app.py");
  EXPECT_EQ(script_of("python3", std::string_view("python3", 7)), "");
  EXPECT_EQ(script_of("python3", {}), "");
}

}  // namespace
}  // namespace sockopt::test
