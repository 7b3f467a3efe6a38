// SPDX-License-Identifier: MIT
//
// The unit files of Debian's packages, as they are: we understand each as systemd does, `enable`
// changes nothing of it but LD_PRELOAD, and systemd has no complaint about the result.
#include <unistd.h>

#include <filesystem>
#include <map>
#include <set>
#include <system_error>

#include "tests/enable/service_tree.h"
#include "tests/support/requirements.h"
#include "tests/support/units/systemd_dump.h"
#include "tools/systemd/service_command.h"
#include "tools/systemd/specifiers.h"
#include "tools/systemd/unit_name.h"

namespace sockopt::test {
namespace {

namespace fs = std::filesystem;

constexpr char kPackages[] = SOCKOPT_DEBIAN_DAEMONS;

std::vector<std::string> service_files() {
  std::set<std::string> found;
  for (const char* directory : {"/lib/systemd/system", "/usr/lib/systemd/system"}) {
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(std::string(kPackages) + directory, none)) {
      if (entry.path().extension() == ".service") found.insert(entry.path());
    }
  }
  return {found.begin(), found.end()};
}

class DebianDaemons : public testing::Test {
 protected:
  void SetUp() override {
    const auto files = service_files();
    if (files.empty()) {
      GTEST_SKIP() << "no unit files in " << kPackages << ": tools/test.sh puts them there";
    }
    ASSERT_GE(files.size(), 12u);
    for (const std::string& path : files) {
      std::string name = fs::path(path).filename();
      tree_.write("/usr/lib/systemd/system/" + name, read_file(path));
      if (is_unit_template(name)) name = instantiate_unit(name, "15-main");
      names_.push_back(name);
      // Something to be kept.
      tree_.write("/etc/systemd/system/" + name + ".d/override.conf",
                  "[Service]\nEnvironment=\"LD_PRELOAD=/usr/lib/a.so /usr/lib/b.so\" KEPT=%n\n");
    }
    tree_.install_command();
  }

  std::map<std::string, SystemdDump> ask() {
    if (geteuid() != 0) return {};
    return ask_systemd(tree_, names_);
  }

  ServiceTree tree_;
  std::vector<std::string> names_;
};

std::vector<std::string> commands_of(const SystemdUnit& unit) {
  std::vector<std::string> lines;
  for (const ServiceCommand& command : service_commands(unit.settings, unit.name)) {
    std::string line = command.path;
    for (const std::string& word : command.words) line += " " + word;
    lines.push_back(line);
  }
  return lines;
}

// A word that systemd quotes when it prints a command line.
std::string without_quotes(std::string line) {
  std::erase_if(line, [](char c) { return c == '"' || c == '\'' || c == '\\'; });
  return line;
}

// A list that systemd prints in no order.
std::multiset<std::string> words_of(const SystemdDump& dump, const std::string& property) {
  std::multiset<std::string> words;
  for (const std::string& line : dump.sorted(property)) {
    for (const std::string& word : split_unit_words(line)) {
      words.insert(word.substr(word.starts_with('~') ? 1 : 0));
    }
  }
  return words;
}

TEST_F(DebianDaemons, AreUnderstoodAsSystemdDoes) {
  if (const std::string why = no_systemd(); !why.empty()) GTEST_SKIP() << why;
  SOCKOPT_NEEDS_ROOT("to start systemd as nobody");
  const auto dumps = ask();
  for (const std::string& name : names_) {
    SCOPED_TRACE(name);
    ASSERT_TRUE(dumps.contains(name));
    const SystemdDump& dump = dumps.at(name);
    const SystemdUnit unit = tree_.load(name);
    EXPECT_EQ(dump.sorted("Fragment Path"), std::vector<std::string>{unit.path});
    EXPECT_EQ(dump.sorted("DropIn Path"), unit.drop_ins);
    std::vector<std::string> ours;
    for (const std::string& line : tree_.environment(name)) {
      ours.push_back(expand_specifiers(line, name).value_or(line));
    }
    EXPECT_EQ(dump.sorted("Environment"), ours);
    // systemd prints the commands of ExecStart= among those of ExecReload= and others.
    const std::vector<std::string> all = dump.sorted("Command Line");
    std::multiset<std::string> printed;
    for (const std::string& line : all) printed.insert(without_quotes(line));
    for (const std::string& line : commands_of(unit)) {
      EXPECT_TRUE(printed.contains(without_quotes(line))) << line;
    }
  }
}

TEST_F(DebianDaemons, KeepEverythingWhenTheyAreEnabled) {
  if (const std::string why = no_systemd(); !why.empty()) GTEST_SKIP() << why;
  SOCKOPT_NEEDS_ROOT("to start systemd as nobody");
  auto before = ask();
  int enabled = 0;
  for (const std::string& name : names_) {
    const Finished finished = tree_.enable({"--require", name});
    if (contains(finished.error, "is a wrapper unit") ||
        contains(finished.error, "starts no program")) {
      before.erase(name);
      continue;
    }
    EXPECT_TRUE(contains(finished.output, "changed: ")) << name << ": " << finished.error;
    EXPECT_TRUE(contains(tree_.enable({"--require", name}).output, "unchanged: ")) << name;
    ++enabled;
  }
  EXPECT_GE(enabled, 12);

  const auto after = ask();
  for (auto& [name, dump] : before) {
    SCOPED_TRACE(name);
    ASSERT_TRUE(after.contains(name));
    SystemdDump changed = after.at(name);
    EXPECT_EQ(count(changed.messages, "sockopt"), 0) << changed.messages;
    EXPECT_EQ(changed.properties["DropIn Path"].back(), ServiceTree::drop_in(name));
    // What differs is what was meant to.
    auto& environment = dump.properties["Environment"];
    std::erase(environment, "LD_PRELOAD=/usr/lib/a.so /usr/lib/b.so");
    environment.push_back("LD_PRELOAD=" + std::string(kLibrary) + ":/usr/lib/a.so:/usr/lib/b.so");
    EXPECT_EQ(changed.sorted("Environment"), dump.sorted("Environment"));
    auto& commands = changed.properties["Command Line"];
    EXPECT_EQ(std::erase_if(commands,
                            [](const std::string& command) {
                              return command.starts_with("/usr/bin/sockopt check");
                            }),
              1u);
    EXPECT_EQ(changed.sorted("Command Line"), dump.sorted("Command Line"));
    for (const char* kept : {"User", "ExecPaths", "NoExecPaths", "SystemCallFilter",
                             "EnvironmentFile", "CapabilityBoundingSet", "PrivateTmp"}) {
      EXPECT_EQ(words_of(changed, kept), words_of(dump, kept)) << kept;
    }
  }

  for (const auto& [name, dump] : before) {
    ASSERT_TRUE(ends_with_status(tree_.disable({name}), 0));
    EXPECT_FALSE(tree_.exists(ServiceTree::drop_in(name)));
  }
}

// `systemd-analyze verify` also looks whether the programs are there, which most are not here.
TEST_F(DebianDaemons, AreInOrderForSystemdAnalyze) {
  SOCKOPT_NEEDS("systemd-analyze");
  SOCKOPT_NEEDS_ROOT("to start systemd as nobody");
  ask();  // adds the targets that they need
  for (const std::string& name : names_) tree_.enable({"--require", name});
  Command verify;
  verify.argv = {"systemd-analyze", "verify", "--man=no", "--recursive-errors=no"};
  verify.argv.insert(verify.argv.end(), names_.begin(), names_.end());
  std::string& path = verify.environment["SYSTEMD_UNIT_PATH"];
  for (const std::string& directory : unit_directories()) {
    path += (path.empty() ? "" : ":") + tree_.root() + directory;
  }
  const std::string complaints = run(verify).error;
  EXPECT_EQ(count(complaints, "zz-sockopt.conf"), 0) << complaints;
  EXPECT_EQ(count(complaints, "gnoring"), 0) << complaints;
  // It does read them: a mistake in one is told.
  const std::string name = names_.front();
  tree_.write(ServiceTree::drop_in(name), "[Service]\nEnvironment=1=2\n");
  EXPECT_TRUE(contains(run(verify).error, "zz-sockopt.conf:2: Invalid environment assignment"));
}

// What is found in the way, with the programs of the packages.
struct Expected {
  std::string unit;
  int status;
  std::string said;
};

TEST_F(DebianDaemons, HaveObstaclesThatAreReallyThere) {
  // The programs that are started, and what configures them.
  fs::copy(std::string(kPackages) + "/etc", tree_.root() + "/etc",
           fs::copy_options::recursive | fs::copy_options::copy_symlinks |
               fs::copy_options::skip_existing);
  std::set<std::string> accounts;
  for (const std::string& name : names_) {
    const SystemdUnit unit = tree_.load(name);
    for (const char* key : {"User", "Group"}) {
      const std::string account = unit.settings.last("Service", key).text;
      if (!account.empty()) accounts.insert(account);
    }
    for (const ServiceCommand& command : service_commands(unit.settings, name)) {
      const fs::path from = kPackages + command.path;
      std::error_code not_among_them;
      fs::create_directories(fs::path(tree_.root() + command.path).parent_path());
      fs::copy(from, tree_.root() + command.path, not_among_them);
    }
  }
  tree_.write("/usr/share/memcached/scripts/systemd-memcached-wrapper", "#!/usr/bin/perl\n");
  tree_.write("/usr/bin/perl", "");
  tree_.write("/bin/sh", "");
  // As their packages make them, once they are installed.
  std::string users;
  std::string groups;
  for (const std::string& account : accounts) {
    users += account + ":x:" + std::to_string(900 + users.size()) + ":900::/:/bin/false\n";
    groups += account + ":x:900:\n";
  }
  tree_.write("/etc/passwd", "root:x:0:0::/:/bin/sh\n" + users);
  tree_.write("/etc/group", "root:x:0:\n" + groups);
  for (const Expected& one : std::vector<Expected>{
           {"nginx", 0, "nginx hands only the variables of its `env` directives on"},
           {"apache2", 0, ""},
           {"haproxy", 0, ""},
           {"memcached", 0, ""},
           {"mosquitto", 0, ""},
           {"lighttpd", 0, ""},
           {"ssh", 0, ""},
           {"vsftpd", 0, ""},
           {"redis-server", 4, "NoExecPaths=/ keeps the loader from mapping it"},
           {"postgresql", 1, "it is a wrapper unit; sockopt enable --root "},
           {"postgresql@15-main", 4, "/etc/postgresql/15/main/environment, and no other"},
           {"tor", 1, " tor@default.service"},
           {"prometheus-node-exporter", 4, "Go programs make their system calls without libc"},
           {"squid", 0, "/etc/apparmor.d/usr.sbin.squid does not name"},
           {"chrony", 0, "/etc/apparmor.d/usr.sbin.chronyd does not name"}}) {
    const Finished finished = tree_.enable({"--dry-run", one.unit});
    EXPECT_TRUE(ends_with_status(finished, one.status)) << one.unit;
    if (one.said.empty()) {
      EXPECT_EQ(finished.error, "") << one.unit;
    } else {
      EXPECT_TRUE(contains(finished.error, one.said)) << one.unit;
    }
  }
}

}  // namespace
}  // namespace sockopt::test
