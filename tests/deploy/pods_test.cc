// SPDX-License-Identifier: MIT
//
// `sockopt pods` on a node that is made up: cgroups as the kubelet makes them, with processes in
// them, and a server that lists and watches pods as the API server does.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/bpf/engine_host.h"
#include "tests/support/paths.h"
#include "tests/support/requirements.h"
#include "tests/support/script.h"
#include "tests/support/sockopt_command.h"
#include "tools/inspect/unique_fd.h"
#include "tools/sockopt/verbs/pods/pod_cgroups.h"

namespace sockopt::test {
namespace {

using nlohmann::json;

constexpr const char* kUid = "0a1b2c3d-0000-4000-8000-00000000000";

// With one more digit: of the pod with this number.
std::string uid_of(int number) { return kUid + std::to_string(number); }

class ApiServer {
 public:
  explicit ApiServer(const std::string& socket) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
      throw std::runtime_error("socketpair");
    orders_ = UniqueFd(ends[0]);
    const UniqueFd input(ends[1]);
    process_ = std::make_unique<Process>(Command{
        .argv = {"/usr/bin/python3", source_directory() / "tests/deploy/api_server.py", socket},
        .descriptors = {{0, input.get()}}});
    if (!eventually(kPatience, [&] { return contains(process_->output(), "\n"); })) {
      throw std::runtime_error("no API server: " + process_->error());
    }
  }

  std::string first_word() const {
    const std::string said = process_->output();
    return said.substr(0, said.find('\n'));
  }

  // Returns when it is done.
  void order(const json& order) {
    const std::string text = order.dump() + "\n";
    ASSERT_EQ(::send(orders_.get(), text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
    ++ordered_;
    EXPECT_TRUE(eventually(kPatience, [&] {
      return count(process_->output(), "done\n") == ordered_;
    })) << process_->error();
  }

  // Running on the node `here`, unless these say otherwise.
  void put(int number, const json& labels, const json& more = json::object()) {
    json pod = {{"metadata",
                 {{"uid", uid_of(number)},
                  {"name", "web-" + std::to_string(number)},
                  {"namespace", "shop"},
                  {"labels", labels}}},
                {"spec", {{"nodeName", "here"}}},
                {"status", {{"phase", "Running"}}}};
    pod.merge_patch(more);
    order({"put", pod});
  }

  Process& process() { return *process_; }

 private:
  UniqueFd orders_;
  std::unique_ptr<Process> process_;
  int ordered_ = 0;
};

class Pods : public testing::Test {
 protected:
  void SetUp() override {
    SOCKOPT_NEEDS_ENGINE();
    node_ = std::make_unique<TestCgroup>("node");
    api_ = std::make_unique<ApiServer>(socket());
    configuration_ = files_.write("sockopt.ini", "[sockopt]\nkeepidle = 61s\n");
  }

  std::string socket() const { return files_ / "api"; }

  std::vector<std::string> arguments(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all = {"pods",   "-c",   configuration_,  "--api",      socket(),
                                    "--node", "here", "--cgroup-root", node_->path()};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  Finished once(std::vector<std::string> more = {}) const {
    more.emplace_back("--once");
    return run(command(arguments(more)), 3 * kPatience);
  }

  // The cgroup of a container, as the kubelet and containerd make it: by systemd, or by themselves.
  std::string container(int number, bool systemd = true) const {
    std::string uid = uid_of(number);
    if (systemd) std::replace(uid.begin(), uid.end(), '-', '_');
    const std::string path =
        node_->path() + (systemd
                             ? "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" +
                                   uid + ".slice/cri-containerd-0c.scope"
                             : "/kubepods/burstable/pod" + uid + "/0c");
    std::filesystem::create_directories(path);
    return path;
  }
  void end(const std::string& container) const {
    ASSERT_EQ(::rmdir(container.c_str()), 0);
    ASSERT_EQ(::rmdir(std::filesystem::path(container).parent_path().c_str()), 0);
  }

  static Command inside(const std::string& container, Command command) {
    std::vector<std::string> argv = {"sh", "-c", "echo $$ >\"$0\"/cgroup.procs && exec \"$@\"",
                                     container};
    argv.insert(argv.end(), command.argv.begin(), command.argv.end());
    command.argv = std::move(argv);
    return command;
  }
  static void expect(const std::string& container, const std::string& expectations,
                     Where where = Where::current()) {
    play(inside(container, actor("listener l; client c l; " + expectations, plain_environment())),
         where);
  }
  static void expect_set(const std::string& container, Where where = Where::current()) {
    expect(container, "get l TCP_KEEPIDLE = 61; get c TCP_KEEPIDLE = 61", where);
  }
  static void expect_not_set(const std::string& container, Where where = Where::current()) {
    expect(container, "get l TCP_KEEPIDLE != 61; get c TCP_KEEPIDLE != 61", where);
  }

  static std::size_t attachments() {
    const Finished list = sockopt({"attach", "--list", "--json"});
    return json::parse(list.output).at("attachments").size();
  }

  TemporaryDirectory files_;
  std::unique_ptr<TestCgroup> node_;
  std::unique_ptr<ApiServer> api_;
  std::string configuration_;
};

bool says(const Process& process, const std::string& text) {
  return eventually(kPatience, [&] { return contains(process.output() + process.error(), text); });
}

TEST(PodUids, AreReadFromTheNamesOfCgroups) {
  const std::string uid = "0a1b2c3d-0000-4000-8000-0123456789ab";
  for (const char* name :
       {"pod0a1b2c3d-0000-4000-8000-0123456789ab",
        "kubepods-pod0a1b2c3d_0000_4000_8000_0123456789ab.slice",
        "kubepods-besteffort-pod0a1b2c3d_0000_4000_8000_0123456789ab.slice",
        "kubelet-kubepods-burstable-pod0a1b2c3d_0000_4000_8000_0123456789ab.slice"}) {
    EXPECT_EQ(pod_uid(name), uid) << name;
  }
  EXPECT_EQ(pod_uid("kubepods-pod0123456789abcdef0123456789abcdef.slice"),
            "0123456789abcdef0123456789abcdef");
  for (const char* name :
       {"kubepods.slice", "kubepods-burstable.slice", "pod", "podman-1.scope", "pod0a1b2c3d",
        "pod../../../../../../../../../../../../x", "burstable"}) {
    EXPECT_EQ(pod_uid(name), "") << name;
  }
}

// A directory tree is enough, for both drivers and a root of the kubelet's own.
TEST(PodCgroups, AreFoundInEachLayout) {
  const TemporaryDirectory root;
  const auto uid = [](int number) {
    std::string text = uid_of(number);
    std::replace(text.begin(), text.end(), '-', '_');
    return text;
  };
  const std::map<int, std::string> expected = {
      {1, "kubepods.slice/kubepods-pod" + uid(1) + ".slice"},
      {2, "kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" + uid(2) + ".slice"},
      {3, "kubepods/pod" + uid_of(3)},
      {4, "kubepods/besteffort/pod" + uid_of(4)},
      {5,
       "kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-besteffort.slice/"
       "kubelet-kubepods-besteffort-pod" +
           uid(5) + ".slice"},
      {6, "kubelet/kubepods/burstable/pod" + uid_of(6)},
  };
  for (const auto& [number, path] : expected) {
    std::filesystem::create_directories(root / (path + "/cri-containerd-0c.scope"));
  }
  // What a pod or a user makes is not a pod.
  std::filesystem::create_directories(root / (expected.at(3) + "/pod" + uid_of(7)));
  std::filesystem::create_directories(root / ("user.slice/kubepods/pod" + uid_of(8)));
  const auto found = find_pod_cgroups(root.path());
  EXPECT_EQ(found.size(), expected.size());
  for (const auto& [number, path] : expected) {
    EXPECT_EQ(found.contains(uid_of(number)) ? found.at(uid_of(number)) : "", root / path);
  }
}

TEST_F(Pods, ThoseThatOptInHaveThePolicyAndOthersHaveNot) {
  const std::string in = container(1);
  const std::string in_too = container(2, false);
  const std::string out = container(3);
  const std::string elsewhere = container(4);
  api_->put(1, {{"sockopt", "attach"}});
  api_->put(2, {{"sockopt", "attach"}});
  api_->put(3, {{"app", "web"}});
  api_->put(4, {{"sockopt", "attach"}}, {{"spec", {{"nodeName", "there"}}}});
  api_->put(5, {{"sockopt", "attach"}});
  api_->put(6, {{"sockopt", "attach"}}, {{"status", {{"phase", "Succeeded"}}}});

  const Finished dry = once({"--dry-run"});
  EXPECT_TRUE(dry.success()) << dry.error;
  EXPECT_TRUE(contains(dry.output, "shop/web-1: would be attached, " + node_->path()))
      << dry.output;
  EXPECT_EQ(attachments(), 0U);

  const Finished done = once();
  EXPECT_TRUE(done.success()) << done.error;
  EXPECT_TRUE(contains(done.output, "shop/web-1: attached, ")) << done.output;
  EXPECT_TRUE(contains(done.output, "no cgroup as yet: shop/web-5\n")) << done.output;
  expect_set(in);
  expect_set(in_too);
  expect_not_set(out);
  expect_not_set(elsewhere);
  const Finished list = sockopt({"attach", "--list", "--json"});
  EXPECT_EQ(json::parse(list.output)["attachments"][0]["target"], "pod shop/web-1");
}

TEST_F(Pods, AreSelectedByNamespaceLabelAndAnnotation) {
  for (int number = 1; number <= 4; ++number) container(number);
  const json annotated = {{"metadata", {{"annotations", {{"tcp", "long"}}}}}};
  api_->put(1, {{"app", "web"}});
  api_->put(2, {{"app", "db"}}, annotated);
  api_->put(3, {{"app", "web"}}, {{"metadata", {{"namespace", "bank"}}}});
  api_->put(4, {{"app", "db"}},
            {{"metadata", {{"namespace", "bank"}, {"annotations", {{"tcp", "short"}}}}}});
  const auto chosen = [&](std::vector<std::string> selection) {
    selection.emplace_back("-n");
    const Finished dry = once(selection);
    EXPECT_TRUE(dry.success()) << dry.error;
    std::string numbers;
    for (const char* number : {"1", "2", "3", "4"}) {
      if (contains(dry.output, std::string("web-") + number + ": would be attached"))
        numbers += number;
    }
    return numbers;
  };
  EXPECT_EQ(chosen({}), "") << "none has opted in";
  EXPECT_EQ(chosen({"-l", "app=web"}), "13");
  EXPECT_EQ(chosen({"--namespace", "shop"}), "12");
  EXPECT_EQ(chosen({"--namespace", "shop", "--namespace", "bank"}), "1234");
  EXPECT_EQ(chosen({"--namespace", "bank", "--selector", "app=db"}), "4");
  EXPECT_EQ(chosen({"--annotation", "tcp"}), "24");
  EXPECT_EQ(chosen({"--annotation", "tcp=long"}), "2");
  EXPECT_EQ(chosen({"--annotation", "tcp=long", "--namespace", "bank"}), "");
}

TEST_F(Pods, ComeAndGo) {
  Process pods(command(arguments()));
  const std::string one = container(1);
  api_->put(1, {{"sockopt", "attach"}});
  ASSERT_TRUE(says(pods, "shop/web-1: attached")) << pods.error();
  expect_set(one);

  // Known before it has a cgroup, as most are.
  api_->put(2, {{"sockopt", "attach"}}, {{"status", {{"phase", "Pending"}}}});
  const std::string two = container(2, false);
  ASSERT_TRUE(says(pods, "shop/web-2: attached"));
  expect_set(two);

  // The label is taken away, and put back.
  api_->put(1, {{"app", "web"}});
  ASSERT_TRUE(says(pods, "shop/web-1: detached, as it is not selected any more"));
  expect_not_set(one);
  EXPECT_EQ(attachments(), 1U);
  api_->put(1, {{"sockopt", "attach"}});
  ASSERT_TRUE(eventually(kPatience, [&] { return attachments() == 2; }));
  expect_set(one);

  // Its cgroup goes first, or the API server knows first.
  end(two);
  ASSERT_TRUE(says(pods, "shop/web-2: detached, as it has ended"));
  api_->order({"delete", uid_of(1)});
  ASSERT_TRUE(eventually(kPatience, [] { return attachments() == 0; }));
  EXPECT_FALSE(std::filesystem::exists("/sys/fs/bpf/sockopt")) << "nothing is left of it";
  EXPECT_EQ(pods.error(), "");
  EXPECT_TRUE(pods.stop().success()) << "it ends as it is told";
}

TEST_F(Pods, AreKeptWhileTheApiServerIsAway) {
  const std::string one = container(1);
  const std::string two = container(2);
  api_->put(1, {{"sockopt", "attach"}});
  api_->put(2, {{"sockopt", "attach"}});
  Process pods(command(arguments()));
  ASSERT_TRUE(says(pods, "web-1: attached") && says(pods, "web-2: attached"));
  // What changes while nobody watches is seen later.
  api_->order({"hang up"});
  api_->put(2, {{"app", "web"}});
  ASSERT_TRUE(says(pods, "web-2: detached"));

  api_->order({"refuse", 403});
  ASSERT_TRUE(says(
      pods, "api: it answers 403 Forbidden: pods is forbidden; what is attached stays, to 1 pod"))
      << pods.error();
  expect_set(one);
  // That a pod has ended the node knows by itself.
  end(one);
  ASSERT_TRUE(says(pods, "web-1: detached, as it has ended"));
  EXPECT_EQ(attachments(), 0U);
  api_->order({"refuse", 200});
  ASSERT_TRUE(says(pods, "The API server answers again"));
  api_->put(2, {{"sockopt", "attach"}});
  ASSERT_TRUE(eventually(kPatience, [] { return attachments() == 1; }));
  EXPECT_EQ(count(pods.error(), "\n"), 1) << "the same is said once: " << pods.error();
}

TEST_F(Pods, ARestartGoesOnWhereItWas) {
  const std::string one = container(1);
  const std::string two = container(2);
  const TestCgroup other("other");
  other.attach_quietly("[sockopt]\nkeepidle = 70s\n");
  api_->put(1, {{"sockopt", "attach"}});
  api_->put(2, {{"sockopt", "attach"}});
  ASSERT_TRUE(once().success());
  EXPECT_EQ(attachments(), 3U);

  // Without an API server there is no reason to change anything.
  api_->order({"refuse", 503});
  const Finished away = once();
  EXPECT_EQ(status(away), 1);
  EXPECT_TRUE(contains(away.error, "503")) << away.error;
  EXPECT_EQ(attachments(), 3U);
  api_->order({"refuse", 200});

  // The policy is replaced, what is no longer selected goes, and what others attached stays.
  files_.write("sockopt.ini", "[sockopt]\nkeepidle = 62s\n");
  api_->order({"delete", uid_of(2)});
  const Finished again = once();
  EXPECT_TRUE(again.success()) << again.error;
  EXPECT_TRUE(contains(again.output, "web-1: policy replaced")) << again.output;
  EXPECT_TRUE(contains(again.output, "web-2: detached")) << again.output;
  expect(one, "get c TCP_KEEPIDLE = 62");
  EXPECT_EQ(attachments(), 2U);

  // The way back: nothing is selected.
  ASSERT_TRUE(once({"--selector", "sockopt=none"}).success());
  EXPECT_EQ(attachments(), 1U);
  expect_not_set(one);
}

// The kubelet calls a pod from a file by another UID than the API server.
TEST_F(Pods, StaticPodsToo) {
  const std::string uid = "0123456789abcdef0123456789abcdef";
  const std::string path = node_->path() + "/kubepods/pod" + uid + "/0c";
  std::filesystem::create_directories(path);
  api_->put(1, {{"sockopt", "attach"}},
            {{"metadata", {{"annotations", {{"kubernetes.io/config.mirror", uid}}}}}});
  ASSERT_TRUE(once().success());
  expect_set(path);
}

// As the manifest has them: kubectl's proxy, and no capability but those, in a cgroup namespace.
TEST_F(Pods, TheManifestsContainersCanDoIt) {
  const std::string kubectl = source_directory() / ".build/kubernetes/usr/bin/kubectl";
  if (!std::filesystem::exists(kubectl))
    GTEST_SKIP() << "needs " << kubectl << ", which tools/test.sh unpacks";
  SOCKOPT_NEEDS("setpriv");
  const std::string manifest =
      read_file(source_directory() / "tools/kubernetes/node/daemonset.yaml");
  const auto behind = [&](const std::string& name) {
    const std::string part = manifest.substr(manifest.find("- name: " + name + "\n"));
    std::smatch added;
    EXPECT_TRUE(std::regex_search(part, added, std::regex("add: \\[(.*)\\]"))) << name;
    std::string set = "-all";
    std::string words = std::regex_replace(added[1].str(), std::regex(" "), "");
    for (std::istringstream all(words); std::getline(all, words, ',');) {
      std::transform(words.begin(), words.end(), words.begin(), ::tolower);
      set += ",+" + words;
    }
    return std::vector<std::string>{"unshare",           "--cgroup",
                                    "setpriv",           "--bounding-set=" + set,
                                    "--inh-caps=" + set, "--no-new-privs"};
  };
  const auto contained = [&](const std::string& name, std::vector<std::string> words) {
    Command started = command(std::move(words));
    const auto before = behind(name);
    started.argv.insert(started.argv.begin(), before.begin(), before.end());
    // In a cgroup of its own, which is the root of what it sees of its own.
    return inside(container(9), started);
  };

  ApiServer server("-");
  const std::string one = container(1);
  server.put(1, {{"sockopt", "attach"}});
  const std::string proxied = files_ / "proxied";
  Process proxy({.argv = {kubectl, "proxy", "--server=http://127.0.0.1:" + server.first_word(),
                          "--unix-socket=" + proxied, "--accept-paths=^/api/v1/pods$",
                          "--reject-methods=POST,PUT,PATCH,DELETE"}});
  ASSERT_TRUE(eventually(kPatience, [&] { return std::filesystem::exists(proxied); }))
      << proxy.error();
  const std::string policy = files_.write("policy.ini",
                                          "[sockopt]\nkeepidle = 61s\nbacklog = 77\n"
                                          "[rule actor]\nprogram = actor\nkeepcnt = 5\n");
  Process pods(contained("pods", {"pods", "-c", policy, "--api", proxied, "--node", "here",
                                  "--cgroup-root", node_->path(), "--selector=sockopt=attach"}));
  ASSERT_TRUE(says(pods, "web-1: attached")) << pods.error();
  // The proxy hands on what comes later.
  const std::string two = container(2);
  server.put(2, {{"sockopt", "attach"}});
  ASSERT_TRUE(says(pods, "web-2: attached")) << pods.error();
  expect(one, "get c TCP_KEEPIDLE = 61; get c TCP_KEEPCNT = 5");

  Process watch(contained("watch", {"watch"}));
  ASSERT_TRUE(says(watch, "watching for backlog")) << watch.error();
  Process listener(inside(two, {.argv = {"setpriv", "--reuid=65534", "--regid=65534",
                                         "--clear-groups", "/usr/bin/python3", "-c",
                                         "import socket, time\n"
                                         "s = socket.create_server(('127.0.0.1', 0), backlog=16)\n"
                                         "time.sleep(600)"}}));
  EXPECT_TRUE(says(watch, "backlog 16 -> 77"))
      << watch.output() << watch.error() << listener.error();
  EXPECT_EQ(watch.error(), "");
}

}  // namespace
}  // namespace sockopt::test
