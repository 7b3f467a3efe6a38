// SPDX-License-Identifier: MIT
//
// Running processes, each with one thing wrong, and one with nothing wrong.
#include "tools/sockopt/diagnosis/process.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>

#include "tests/doctor/findings.h"
#include "tests/doctor/victim.h"
#include "tests/support/paths.h"
#include "tests/support/requirements.h"
#include "tools/inspect/process_tree.h"
#include "tools/inspect/unique_fd.h"

namespace sockopt::test {
namespace {

namespace fs = std::filesystem;

class ProcessDoctor : public testing::Test {
 protected:
  Process& start(Command command) {
    process_ = std::make_unique<Process>(std::move(command));
    await_ready(*process_);
    return *process_;
  }

  Process& start(const std::string& name, const Environment& environment) {
    return start({.argv = {victim(name)}, .environment = environment});
  }

  std::string configure(const std::string& settings) {
    return directory_.write("sockopt.ini", "[sockopt]\n" + settings);
  }

  Environment configured(const std::string& settings) {
    return shim_environment({{"SOCKOPT_CONFIG", configure(settings)}});
  }

  Finished examine(std::vector<std::string> arguments = {}) {
    arguments.push_back(std::to_string(process_->pid()));
    return doctor(arguments);
  }

  std::string pid() const { return std::to_string(process_->pid()); }

  TemporaryDirectory directory_;
  std::unique_ptr<Process> process_;
};

TEST(Surroundings, AreAFilterOfSystemCallsAndAContainer) {
  ProcessFacts facts;
  EXPECT_EQ(lines(examine_surroundings(facts, Container::kNone)), "");
  EXPECT_TRUE(lines(examine_surroundings(facts, Container::kDocker))
                  .starts_with("note container: it runs in a Docker container: "));
  facts.status.filtered = true;
  EXPECT_TRUE(lines(examine_surroundings(facts, Container::kNone))
                  .starts_with("note sandbox: a seccomp filter restricts it, "));
}

TEST_F(ProcessDoctor, FindsThatTheProgramInstalledASeccompFilter) {
  start("doctor_filtered", configured("nodelay = on\n"));
  const Finished finished = examine();
  EXPECT_EQ(status(finished), 1) << "the second listener has no options";
  EXPECT_TRUE(contains(said(finished, "WARN", "sandbox"),
                       "the library is disabled by the program's seccomp filter"));
  EXPECT_FALSE(contains(said(finished, "FAIL", "sockets"), "the program set it itself"))
      << finished.output;
  const auto json = nlohmann::json::parse(examine({"--json"}).output)["subjects"][0]["library"];
  EXPECT_EQ(json["hooks_disabled"], true);

  start("doctor_dynamic", configured("nodelay = on\n"));
  EXPECT_FALSE(contains(examine().output, "sandbox"));
}

TEST_F(ProcessDoctor, FindsNothingWrong) {
  start("doctor_dynamic", configured("nodelay = on\nbacklog = 64\n"));
  const Finished finished = examine();
  EXPECT_EQ(status(finished), 0) << finished.output << finished.error;
  EXPECT_EQ(finished.error, "");
  EXPECT_TRUE(finished.output.starts_with("process doctor_dynamic(" + pid() + ")\n"));
  EXPECT_TRUE(contains(said(finished, "OK", "reach"),
                       "libsockopt.so is loaded, version " SOCKOPT_VERSION "\n"));
  EXPECT_TRUE(contains(said(finished, "OK", "policy"), "its policy is up to date: 2 settings of "));
  EXPECT_TRUE(contains(said(finished, "OK", "sockets"), "1 of its 1 TCP sockets"));
  EXPECT_TRUE(contains(said(finished, "OK", "backlog"), ">= backlog 64"));
  EXPECT_EQ(count(finished.output, "FAIL"), 0) << finished.output;
  EXPECT_EQ(count(finished.output, "WARN"), 0) << finished.output;
}

TEST_F(ProcessDoctor, TellsProgramsWhichLibraryIsInAndWhatItHolds) {
  Environment environment = configured("nodelay = on\n[rule a]\nlisten = 80\nttl = 3\n");
  environment["SOCKOPT_KEEPCNT"] = "7";
  start("doctor_dynamic", environment);
  const auto json = nlohmann::json::parse(examine({"--json"}).output)["subjects"][0]["library"];
  EXPECT_EQ(json["path"], library().native());
  EXPECT_EQ(json["version"], SOCKOPT_VERSION);
  EXPECT_EQ(json["idle"], false);
  EXPECT_EQ(json["policy"]["settings"], 3);
  EXPECT_EQ(json["policy"]["rules"], 1);
  EXPECT_EQ(json["policy"]["variables"], 1);
  EXPECT_EQ(json["policy"]["files"], nlohmann::json::array({environment["SOCKOPT_CONFIG"]}));

  start("doctor_dynamic", plain_environment());
  EXPECT_EQ(nlohmann::json::parse(examine({"--json"}).output)["subjects"][0]["library"], nullptr);
}

TEST_F(ProcessDoctor, NamesCommandsThatAShellTakes) {
  start("doctor_dynamic", plain_environment());
  const std::string file = directory_.write("a b.ini", "[sockopt]\nnodelay = on\n");
  const Finished found = examine({"-c", file});
  EXPECT_TRUE(contains(found.output, "fix: sockopt apply -c '" + file + "' " + pid() + "\n"));
}

TEST_F(ProcessDoctor, FindsThatTheLibraryIsNotIn) {
  start("doctor_dynamic", plain_environment());
  const std::string file = configure("nodelay = on\nkeepalive = on\nkeepidle = 60s\n");
  const Finished before = examine({"-c", file});
  EXPECT_EQ(status(before), 1);
  EXPECT_TRUE(contains(said(before, "FAIL", "reach"), "LD_PRELOAD was not set"));
  EXPECT_TRUE(contains(said(before, "FAIL", "sockets"), "nodelay is off, not on of sockopt.ini:2"));
  const std::string apply = "sockopt apply -c " + file + " " + pid();
  EXPECT_TRUE(contains(said(before, "FAIL", "sockets"), "fix: " + apply + "\n"));

  // The command that it names fixes it.
  ASSERT_EQ(status(sockopt({"apply", "-c", file, pid()})), 0);
  const Finished after = examine({"-c", file});
  EXPECT_EQ(status(after), 0) << after.output;
  EXPECT_TRUE(contains(said(after, "WARN", "reach"), "until it restarts"));
  EXPECT_TRUE(contains(said(after, "OK", "sockets"), "1 of its 1"));
}

TEST_F(ProcessDoctor, FindsProgramsThatTheLibraryCannotReach) {
  std::string missing;
  for (const auto& [name, why] : kUnreachable) {
    if (!has_victim(name)) {
      missing += std::string(" ") + name;
      continue;
    }
    start(name, configured("nodelay = on\n"));
    const Finished finished = examine();
    EXPECT_EQ(status(finished), 1) << name;
    EXPECT_TRUE(contains(said(finished, "FAIL", "reach"), why));
  }
  if (!missing.empty()) GTEST_SKIP() << "not built here (musl-tools, golang-go):" << missing;
}

TEST_F(ProcessDoctor, FindsTheLibraryInAProgramOfMusl) {
  if (!has_victim("doctor_musl_dynamic")) GTEST_SKIP() << "no musl-gcc where this was built";
  start("doctor_musl_dynamic", configured("nodelay = on\n"));
  const Finished finished = examine();
  EXPECT_EQ(status(finished), 0) << finished.output;
  EXPECT_TRUE(contains(said(finished, "OK", "reach"), "libsockopt.so is loaded"));
}

TEST_F(ProcessDoctor, FindsThatRightsWereGained) {
  SOCKOPT_NEEDS_ROOT("to make a set-user-ID program");
  const std::string program = directory_ / "gains";
  fs::copy_file(victim("doctor_dynamic"), program);
  ASSERT_EQ(::chmod(program.c_str(), 04755), 0);
  Environment environment = configured("nodelay = on\n");
  start({.argv = {program}, .environment = environment, .user = "nobody"});
  const Finished finished = examine();
  EXPECT_TRUE(contains(said(finished, "FAIL", "reach"), "it gained privileges at exec"));
  EXPECT_EQ(status(finished), 1);
}

TEST_F(ProcessDoctor, FindsTheWrapperThatClearsTheEnvironment) {
  start({.argv = {"sh", "-c", "env -i \"$0\"; true", victim("doctor_dynamic")},
         .environment = configured("nodelay = on\n")});
  const std::vector<ProcessEntry> children = descendants(process_->pid());
  ASSERT_EQ(children.size(), 1u);
  const Finished finished = doctor({std::to_string(children[0].pid)});
  EXPECT_TRUE(contains(said(finished, "FAIL", "reach"),
                       "sh(" + pid() + ") has LD_PRELOAD and did not pass it on"));
}

TEST_F(ProcessDoctor, FindsWhatRemovedOrReplacedLdPreload) {
  start({.argv = {"env", "-u", "LD_PRELOAD", victim("doctor_dynamic")},
         .environment = configured("nodelay = on\n")});
  EXPECT_TRUE(contains(said(examine(), "FAIL", "reach"),
                       "SOCKOPT_CONFIG is there without it, and something on the way removed"))
      << examine().output;
  start({.argv = {"sh", "-c", "LD_PRELOAD=/lib/libother.so \"$0\"; true", victim("doctor_dynamic")},
         .environment = configured("nodelay = on\n")});
  const std::vector<ProcessEntry> children = descendants(process_->pid());
  ASSERT_EQ(children.size(), 1u);
  const Finished replaced = doctor({std::to_string(children[0].pid)});
  EXPECT_TRUE(contains(said(replaced, "FAIL", "reach"),
                       "LD_PRELOAD was `/lib/libother.so`; its ancestor sh(" + pid() +
                           ") has the library in it, so it was replaced on the way"))
      << replaced.output;
  EXPECT_TRUE(contains(replaced.output, "write LD_PRELOAD=" + library().native() +
                                            ":/lib/libother.so; until then: "));
}

TEST_F(ProcessDoctor, FindsTheLibraryUnderAnotherName) {
  const std::string copy = directory_ / "keepalive.so";
  fs::copy_file(library(), copy);
  Environment environment = configured("nodelay = on\n");
  environment["LD_PRELOAD"] = copy;
  start("doctor_dynamic", environment);
  const Finished finished = examine();
  EXPECT_EQ(status(finished), 0) << finished.output;
  EXPECT_TRUE(contains(said(finished, "OK", "reach"), copy + " is loaded"));
  EXPECT_TRUE(contains(said(finished, "OK", "policy"), "its policy is up to date"));
  fs::remove(copy);
  EXPECT_TRUE(contains(said(examine(), "WARN", "reach"), copy + ", which was removed since"));
}

TEST_F(ProcessDoctor, NamesTheFileThatItsUserMayNotRead) {
  SOCKOPT_NEEDS_ROOT("to start a program as another user");
  const std::string file = configure("nodelay = on\n");
  ASSERT_EQ(::chmod(file.c_str(), 0600), 0);
  start({.argv = {victim("doctor_dynamic")},
         .environment = shim_environment({{"SOCKOPT_CONFIG", file}}),
         .user = "nobody"});
  const Finished finished = examine();
  EXPECT_EQ(status(finished), 1);
  EXPECT_TRUE(contains(said(finished, "FAIL", "policy"), "may not read " + file))
      << finished.output;
  EXPECT_TRUE(contains(finished.output, "fix: chmod o+r " + file + "\n"));
  EXPECT_FALSE(contains(finished.output, "is new")) << finished.output;
}

TEST_F(ProcessDoctor, NamesTheVariableThatIsMisspelt) {
  start("doctor_dynamic", shim_environment({{"SOCKOPT_KEEPIDEL", "60s"}}));
  const Finished finished = examine();
  EXPECT_EQ(status(finished), 1);
  EXPECT_TRUE(contains(said(finished, "FAIL", "policy"), "SOCKOPT_KEEPIDEL")) << finished.output;
}

TEST_F(ProcessDoctor, DoesNotAdviseAFileThatIsMissing) {
  const std::string file = directory_ / "gone.ini";
  start("doctor_dynamic", shim_environment({{"SOCKOPT_CONFIG", file}}));
  const Finished finished = examine();
  EXPECT_TRUE(contains(said(finished, "FAIL", "policy"), file)) << finished.output;
  EXPECT_TRUE(contains(finished.output, "fix: write " + file + ", or correct SOCKOPT_CONFIG\n"));
  EXPECT_FALSE(contains(finished.output, "apply -c " + file)) << finished.output;
}

TEST_F(ProcessDoctor, FindsThatNoRuleIsForWhatAScriptBecame) {
  const std::string script =
      directory_.write("broker.sh", "#!/bin/sh\nexec " + victim("doctor_dynamic") + "\n", 0755);
  const std::string rule = "[rule broker]\nprogram = broker.sh\nbacklog = 64\n";
  start({.argv = {script}, .environment = configured("ttl = 3\n" + rule)});
  const Finished alone = examine();
  EXPECT_TRUE(contains(said(alone, "NOTE", "settings"), "[rule broker] (program = broker.sh)"))
      << alone.output;
  const std::string file = directory_.write("rule.ini", rule);
  start({.argv = {script}, .environment = shim_environment({{"SOCKOPT_CONFIG", file}})});
  const Finished finished = examine();
  EXPECT_TRUE(contains(said(finished, "WARN", "settings"),
                       "no setting applies to it; rules know it as doctor_dynamic, and are for "
                       "others: [rule broker] (program = broker.sh)"))
      << finished.output;
  const Finished shown = sockopt({"show", pid()});
  EXPECT_TRUE(contains(shown.output, "No rule is for doctor_dynamic(" + pid() +
                                         "), which rules know as doctor_dynamic.\n"));
}

// The very file that the process holds, or a copy of it: the program's own will is the cause.
TEST_F(ProcessDoctor, TakesTheFileThatTheProcessHoldsForItsPolicy) {
  const std::string python =
      "import signal, socket\n"
      "s = socket.socket()\n"
      "s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 300)\n"
      "s.bind(('127.0.0.1', 0)); s.listen()\n"
      "print('ready', flush=True)\n"
      "signal.pause()\n";
  start({.argv = {"python3", "-c", python}, .environment = configured("keepidle = 60s\n")});
  const std::string copy = directory_.write("copy.ini", "[sockopt]\nkeepidle = 60s\n");
  for (const std::string& file : std::vector<std::string>{directory_ / "sockopt.ini", copy}) {
    const Finished finished = examine({"-c", file});
    EXPECT_TRUE(contains(said(finished, "WARN", "sockets"), "; the program set it itself"));
    EXPECT_TRUE(contains(finished.output, "enforce = yes"));
    const Finished shown = sockopt({"show", "-c", file, pid()});
    EXPECT_TRUE(contains(shown.output, "(set by the program itself, or from outside)"))
        << shown.output;
  }
  const std::string other = directory_.write("other.ini", "[sockopt]\nkeepidle = 70s\n");
  EXPECT_TRUE(contains(said(examine({"-c", other}), "FAIL", "sockets"),
                       "the library there holds another policy"));
  EXPECT_TRUE(contains(sockopt({"show", "-c", other, pid()}).output,
                       "(the library there holds another policy)"));
}

TEST_F(ProcessDoctor, SaysNothingOfAListenerForAClient) {
  const UniqueFd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::listen(listener.get(), 5), 0);
  sockaddr_in address = {};
  socklen_t size = sizeof address;
  ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size);
  start({.argv = {"python3", "-c",
                  "import signal, socket\n"
                  "s = socket.create_connection(('127.0.0.1', " +
                      std::to_string(ntohs(address.sin_port)) +
                      "))\n"
                      "s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 300)\n"
                      "print('ready', flush=True)\n"
                      "signal.pause()\n"},
         .environment = configured("keepidle = 60s\n")});
  const std::string line = said(examine(), "WARN", "sockets");
  EXPECT_TRUE(contains(line, "outgoing connections: keepidle is 300s"));
  EXPECT_FALSE(contains(line, "listener")) << line;
}

// inetd and its like: the connection is descriptor 0, 1 and 2 of a program.
TEST_F(ProcessDoctor, CountsAConnectionThatItIsGivenOnceAndMendsIt) {
  const UniqueFd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::listen(listener.get(), 5), 0);
  sockaddr_in address = {};
  socklen_t size = sizeof address;
  ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size);
  const UniqueFd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), size), 0);
  const UniqueFd given(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  start({.argv = {"python3", "-c", "import signal\nprint('ready', flush=True)\nsignal.pause()\n"},
         .environment = plain_environment(),
         .descriptors = {{0, given.get()}, {7, given.get()}}});
  const std::string file = configure("nodelay = on\n");
  const Finished before = examine({"-c", file});
  const std::string line = said(before, "FAIL", "sockets");
  EXPECT_TRUE(contains(line, "connections accepted on "));
  EXPECT_FALSE(contains(line, "sockets)")) << line << "it is one";
  const std::size_t fix = line.find("fix: sockopt ");
  ASSERT_NE(fix, std::string::npos) << line;
  const std::string words = line.substr(fix + 13, line.find('\n', fix) - fix - 13);
  const Finished applied = run({.argv = {"sh", "-c", command_path() + " " + words}});
  EXPECT_TRUE(applied.success()) << words << applied.error;
  EXPECT_TRUE(contains(said(examine({"-c", file}), "OK", "sockets"), "1 of its 1 TCP sockets"));
}

TEST_F(ProcessDoctor, FindsALibraryThatIsNotThere) {
  start("doctor_dynamic", {{"LD_PRELOAD", "/nowhere/libsockopt.so"}});
  EXPECT_TRUE(contains(said(examine(), "FAIL", "reach"),
                       "LD_PRELOAD names /nowhere/libsockopt.so, which is not there"));
}

TEST_F(ProcessDoctor, FindsALibraryThatTheUserCannotRead) {
  SOCKOPT_NEEDS_ROOT("to start a program as another user");
  fs::create_directory(directory_ / "closed");
  const std::string copy = directory_ / "closed/libsockopt.so";
  fs::copy_file(library(), copy);
  ASSERT_EQ(::chmod((directory_ / "closed").c_str(), 0700), 0);
  start({.argv = {victim("doctor_dynamic")},
         .environment = {{"LD_PRELOAD", copy}},
         .user = "nobody"});
  EXPECT_TRUE(contains(said(examine(), "FAIL", "reach"), "who may not enter "));
}

TEST_F(ProcessDoctor, FindsALibraryThatWasReplaced) {
  const std::string copy = directory_ / "libsockopt.so";
  fs::copy_file(library(), copy);
  Environment environment = configured("nodelay = on\n");
  environment["LD_PRELOAD"] = copy;
  start("doctor_dynamic", environment);
  EXPECT_TRUE(contains(said(examine(), "OK", "reach"), copy + " is loaded"));
  fs::copy_file(library(), directory_ / "new");
  fs::rename(directory_ / "new", copy);
  const Finished finished = examine();
  EXPECT_TRUE(contains(said(finished, "WARN", "reach"), copy + " that was replaced since"));
  EXPECT_EQ(status(finished), 0) << finished.output;
}

TEST_F(ProcessDoctor, FindsAConfigurationThatWasChanged) {
  start("doctor_dynamic", configured("nodelay = on\n"));
  EXPECT_TRUE(contains(said(examine(), "OK", "policy"), "its policy is up to date"));
  const std::string file = configure("nodelay = on\nttl = 32\n");
  const Finished changed = examine();
  EXPECT_TRUE(contains(said(changed, "WARN", "policy"), file + " was changed"));
  EXPECT_TRUE(contains(changed.output, "until then: sockopt apply " + pid()));
  EXPECT_TRUE(contains(said(changed, "OK", "sockets"), "none differs")) << "of what it holds";
  configure("nodelay = on\n");
  EXPECT_TRUE(contains(said(examine(), "OK", "policy"), "its policy is up to date"));
  fs::remove(file);
  EXPECT_TRUE(contains(said(examine(), "WARN", "policy"), file + " is gone"));
}

// The variables are gone by then, and with them what names the file.
TEST_F(ProcessDoctor, KnowsTheFileOfAProcessThatHasWrittenOverItsEnvironment) {
  start({.argv = {victim("doctor_dynamic"), "title"}, .environment = configured("nodelay = on\n")});
  EXPECT_TRUE(contains(said(examine(), "OK", "policy"), "its policy is up to date: 1 setting of "));
  EXPECT_TRUE(contains(said(examine(), "OK", "policy"), "its policy is up to date"));
  const std::string file = configure("nodelay = on\nttl = 32\n");
  const Finished changed = examine();
  EXPECT_TRUE(contains(said(changed, "WARN", "policy"), file + " was changed"));
  EXPECT_TRUE(contains(changed.output, "until then: sockopt apply " + pid()));
  // Which knows the file as well.
  const Finished applied = sockopt({"apply", pid()});
  EXPECT_TRUE(applied.success()) << applied.error;
  EXPECT_TRUE(contains(applied.output, "ttl 64 -> 32"));
  fs::remove(file);
  EXPECT_TRUE(contains(said(examine(), "WARN", "policy"), file + " is gone"));
}

// Seen from within, the cgroups do not say that there is a container.
TEST_F(ProcessDoctor, NamesWhatSetsASysctlOfTheContainerThatItIsInItself) {
  start("doctor_dynamic", configured("backlog = 1000000\n"));
  const Finished finished = sockopt({"doctor", pid()}, {{"KUBERNETES_SERVICE_HOST", "192.0.2.1"}});
  EXPECT_TRUE(contains(said(finished, "WARN", "backlog"),
                       "fix: in the pod's spec, securityContext.sysctls: [{name: "
                       "net.core.somaxconn, "));
  EXPECT_TRUE(contains(said(finished, "WARN", "backlog"),
                       "until it restarts: sysctl -w net.core.somaxconn="));
}

// A cgroup as a node's kubelet makes one, in whichever hierarchy this host lets us; empty
// otherwise.
fs::path make_pod_cgroup() {
  const std::string pod = "kubepods/sockopt-test-" + std::to_string(::getpid());
  for (const char* hierarchy : {"/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/pids",
                                "/sys/fs/cgroup/freezer"}) {
    if (access((fs::path(hierarchy) / "cgroup.procs").c_str(), W_OK) != 0) continue;
    std::error_code failed;
    fs::create_directories(fs::path(hierarchy) / pod, failed);
    if (!failed) return fs::path(hierarchy) / pod;
  }
  return {};
}

TEST_F(ProcessDoctor, NamesWhatThePodHasToHaveThatItIsIn) {
  SOCKOPT_NEEDS_ROOT("to make namespaces and a cgroup");
  SOCKOPT_NEEDS_NAMESPACES("--mount", "--net", "--pid", "--fork");
  const fs::path cgroup = make_pod_cgroup();
  if (cgroup.empty()) GTEST_SKIP() << "no hierarchy of cgroups can be written here";
  start({.argv = {"unshare", "--net", "--mount", "--pid", "--fork", "--kill-child",
                  victim("doctor_dynamic")}});
  const pid_t in_pod = descendants(process_->pid()).front().pid;
  std::ofstream(cgroup / "cgroup.procs") << in_pod << std::flush;
  const std::string apply = "sockopt apply -c " + configure("backlog = 1000000\n") + ' ';
  const Finished finished =
      doctor({"-c", directory_.path() / "sockopt.ini", std::to_string(in_pod)});
  EXPECT_TRUE(contains(said(finished, "NOTE", "container"), "it runs in a Kubernetes pod"));
  EXPECT_TRUE(contains(said(finished, "FAIL", "reach"), "fix: in the pod's spec, a volume that"));
  EXPECT_TRUE(contains(said(finished, "FAIL", "reach"),
                       "; until then: " + apply + std::to_string(in_pod) + "\n"));
  EXPECT_TRUE(contains(said(finished, "WARN", "backlog"), "fix: in the pod's spec, security"));
  EXPECT_TRUE(contains(said(finished, "WARN", "backlog"),
                       "nsenter --net=/proc/" + std::to_string(in_pod) + "/ns/net sysctl -w"));
  process_.reset();
  std::error_code busy;
  EXPECT_TRUE(eventually(kPatience, [&] { return fs::remove(cgroup, busy); }));
  fs::remove(cgroup.parent_path(), busy);  // where no other test is in it
}

TEST_F(ProcessDoctor, FindsFaultsOfItsConfiguration) {
  start("doctor_dynamic", configured("nodelay = on\nkeepidel = 60s\n"));
  const Finished finished = examine();
  EXPECT_EQ(status(finished), 1);
  EXPECT_TRUE(contains(said(finished, "FAIL", "policy"),
                       ":3:1: unknown option `keepidel`; did you mean `keepidle`?"));
  configure("nodelay = on\n");
  EXPECT_TRUE(contains(said(examine(), "FAIL", "policy"), "1 error in its configuration"))
      << "which is well by now";
}

TEST_F(ProcessDoctor, FindsThatItWasSwitchedOff) {
  Environment environment = configured("nodelay = on\n");
  environment["SOCKOPT_DISABLE"] = "1";
  start("doctor_dynamic", environment);
  const Finished finished = examine();
  EXPECT_EQ(status(finished), 1);
  EXPECT_TRUE(contains(said(finished, "FAIL", "policy"), "SOCKOPT_DISABLE disabled"));
}

TEST_F(ProcessDoctor, FindsThatItWasStartedBeforeThereWasAConfiguration) {
  const std::string file = configure("");
  start("doctor_dynamic", shim_environment({{"SOCKOPT_CONFIG", file}}));
  EXPECT_TRUE(contains(said(examine(), "NOTE", "policy"), "no option is configured"));
  configure("nodelay = on\n");
  const Finished finished = examine();
  EXPECT_EQ(status(finished), 1);
  EXPECT_TRUE(contains(said(finished, "FAIL", "policy"), "before it had a configuration"));
}

TEST_F(ProcessDoctor, FindsTheRuleThatAListenerOnAllAddressesIsLostTo) {
  const std::string rule = "[rule web]\nlisten = 127.0.0.1:1-65535\nttl = 32\n";
  const Environment environment = configured("nodelay = on\n" + rule);
  start({.argv = {build_directory() / "demo_server", "--any"}, .environment = environment});
  const Finished all = examine();
  EXPECT_TRUE(contains(said(all, "WARN", "rule"), "[rule web] does not apply to LISTEN 0.0.0.0:"));
  start({.argv = {build_directory() / "demo_server"}, .environment = environment});
  EXPECT_EQ(said(examine(), "WARN", "rule"), "");
}

// What the library could not prepare: a listener from a parent without it, left where it was, and
// put onto the number of one that it had prepared (the one gap of `accept`).
TEST_F(ProcessDoctor, FindsAListenerThatTheLibraryHasNotMet) {
  for (const char* place : {"left", "moved"}) {
    const UniqueFd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(::listen(listener.get(), 5), 0);
    start({.argv = {"python3", source_directory() / "tests/doctor/victims/inherited.py", place},
           .environment = configured("nodelay = on\n"),
           .descriptors = {{7, listener.get()}}});
    const Finished finished = examine();
    EXPECT_EQ(status(finished), 0) << finished.output;
    EXPECT_TRUE(contains(said(finished, "WARN", "sockets"), "nodelay is off, not on of")) << place;
    EXPECT_TRUE(contains(said(finished, "WARN", "sockets"),
                         "the library did not see the listener come to its descriptor"));
    // The command that it names fixes it.
    ASSERT_EQ(status(sockopt({"apply", "-c", directory_ / "sockopt.ini", pid()})), 0);
    EXPECT_EQ(said(examine(), "WARN", "sockets"), "") << place;
  }
}

TEST_F(ProcessDoctor, FindsThatTheProgramHasItsOwnWill) {
  const Environment environment = configured("keepidle = 60s\nkeepalive = on\n");
  start({.argv = {"python3", "-c",
                  "import signal, socket\n"
                  "s = socket.socket()\n"
                  "s.bind(('127.0.0.1', 0))\n"
                  "s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 300)\n"
                  "s.listen()\n"
                  "print('ready', flush=True)\n"
                  "signal.pause()\n"},
         .environment = environment});
  EXPECT_TRUE(contains(said(examine(), "WARN", "sockets"),
                       "keepidle is 300s, not 60s of sockopt.ini:2; the program set it itself"));
}

TEST_F(ProcessDoctor, ReadsTheSysctlsOfItsNetworkNamespace) {
  SOCKOPT_NEEDS_ROOT("to make a network namespace");
  Environment environment = configured("backlog = 300\nfastopen = 16\n");
  start({.argv = {"unshare", "--net", "sh", "-c",
                  "ip link set lo up && echo 77 >/proc/sys/net/core/somaxconn && "
                  "echo 3 >/proc/sys/net/ipv4/tcp_fastopen && "
                  "LD_PRELOAD=$0 exec \"$1\"",
                  library(), victim("doctor_dynamic")},
         .environment = {{"PATH", environment["PATH"]},
                         {"SOCKOPT_CONFIG", environment["SOCKOPT_CONFIG"]}}});
  const Finished finished = examine();
  EXPECT_TRUE(contains(said(finished, "WARN", "backlog"), "somaxconn 77 < backlog 300 of " +
                                                              environment["SOCKOPT_CONFIG"] +
                                                              ":2 in its network namespace"));
  const std::string enter = "nsenter --net=/proc/" + pid() + "/ns/net ";
  EXPECT_TRUE(contains(finished.output, "fix: " + enter + "sysctl -w net.core.somaxconn=300\n"));
  EXPECT_TRUE(contains(said(finished, "OK", "fastopen"), "tcp_fastopen 3"));
  EXPECT_TRUE(contains(said(finished, "OK", "sockets"), "none differs"))
      << "77 is what it can have";

  // The command that it names fixes it; and then a listener needs another `listen`.
  ASSERT_TRUE(run({.argv = {"sh", "-c", enter + "sh -c 'echo 300 >/proc/sys/net/core/somaxconn'"}})
                  .success());
  const Finished raised = examine();
  EXPECT_TRUE(contains(said(raised, "OK", "backlog"), "somaxconn 300 >= backlog 300"));
  EXPECT_TRUE(contains(said(raised, "WARN", "sockets"), "backlog is 77, not 300"));
  EXPECT_TRUE(contains(said(raised, "WARN", "sockets"), "a sysctl was raised since"));
}

TEST_F(ProcessDoctor, SaysWhatItMayNotSee) {
  SOCKOPT_NEEDS_ROOT("to be somebody else than the one looked at");
  start("doctor_dynamic", configured("nodelay = on\n"));
  Command command = test::command({"doctor", pid()});
  command.user = "nobody";
  const Finished finished = run(command);
  EXPECT_EQ(status(finished), 3);
  EXPECT_EQ(finished.output, "");
  EXPECT_TRUE(contains(finished.error, "sockopt: doctor_dynamic(" + pid() + "): unreadable: "));
  EXPECT_TRUE(contains(finished.error, "needs CAP_SYS_PTRACE"));
}

TEST_F(ProcessDoctor, ShowsProcessesOfWhichTheSameIsFoundAsOne) {
  start({.argv = {build_directory() / "demo_server", "--mode", "fork", "--workers", "2"},
         .environment = configured("nodelay = on\n")});
  ASSERT_TRUE(eventually(kPatience, [&] { return descendants(process_->pid()).size() == 2; }));
  std::vector<std::string> arguments = {pid()};
  for (const ProcessEntry& one : descendants(process_->pid())) {
    arguments.push_back(std::to_string(one.pid));
  }
  const Finished finished = doctor(arguments);
  EXPECT_EQ(status(finished), 0) << finished.output;
  EXPECT_EQ(count(finished.output, "process demo_server("), 1) << finished.output;
  for (const std::string& one : arguments) {
    EXPECT_TRUE(contains(finished.output, "demo_server(" + one + ")"));
  }
}

}  // namespace
}  // namespace sockopt::test
