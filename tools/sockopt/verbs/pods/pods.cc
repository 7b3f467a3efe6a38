// SPDX-License-Identifier: MIT
//
// `sockopt pods`: runs on each node of a Kubernetes cluster, and attaches the policy to the pods
// that are selected there, as they come and go.
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <vector>

#include "tools/sockopt/bpf/cgroup_tree.h"
#include "tools/sockopt/report/output.h"
#include "tools/sockopt/verb.h"
#include "tools/sockopt/verbs/engine_policy.h"
#include "tools/sockopt/verbs/pods/attached_pods.h"
#include "tools/sockopt/verbs/pods/pod_api.h"
#include "tools/sockopt/verbs/policy_arguments.h"

namespace sockopt {
namespace {

struct Given {
  PolicySources sources;
  std::string api;
  std::string node;
  std::string labels;
  std::vector<std::string> namespaces;
  std::vector<std::string> annotations;
  std::string root;
  bool once = false;
  bool dry_run = false;
};

// Opted in, where nothing else is asked for.
constexpr std::string_view kOptIn = "sockopt=attach";

bool has_annotation(const Pod& pod, std::string_view wanted) {
  const std::size_t equals = wanted.find('=');
  const auto found = pod.annotations.find(std::string(wanted.substr(0, equals)));
  return found != pod.annotations.end() &&
         (equals == wanted.npos || found->second == wanted.substr(equals + 1));
}

Pods selected(const Given& given, Pods pods) {
  std::erase_if(pods, [&](const auto& entry) {
    const Pod& pod = entry.second;
    const bool is_there =
        given.namespaces.empty() || std::find(given.namespaces.begin(), given.namespaces.end(),
                                              pod.name_space) != given.namespaces.end();
    return !is_there || !std::all_of(given.annotations.begin(), given.annotations.end(),
                                     [&](const auto& one) { return has_annotation(pod, one); });
  });
  return pods;
}

// What it has attached stays. One that is the first process of a container has to ask for this.
void end_on_signals() {
  struct sigaction action = {};
  action.sa_handler = [](int) { _exit(0); };
  ::sigaction(SIGTERM, &action, nullptr);
  ::sigaction(SIGINT, &action, nullptr);
}

class PodKeeper {
 public:
  PodKeeper(const Given& given, const Policy& policy, const std::string& root)
      : given_(given),
        api_(given.api, given.node, given.labels),
        attached_(policy, root, given.dry_run, out_) {}

  int run() {
    if (!attached_.read()) return kFault;
    const bool once = given_.once || given_.dry_run;
    do {
      if (Clock::now() >= (api_.fd() < 0 ? next_list_ : stale_)) list();
      const Pods wanted = selected(given_, pods_);
      attached_.update(is_known_ ? &wanted : nullptr);
    } while (!once && out_.flush() && wait());
    if (once && attached_.has_waiting()) {
      out_.print("no cgroup as yet: {}\n", printable(attached_.waiting()));
    }
    return out_.finish(once && (fault_ || attached_.has_failed()) ? kFault : kDone);
  }

 private:
  using Clock = std::chrono::steady_clock;

  void list() {
    const auto fault = api_.list(pods_);
    is_known_ = is_known_ || !fault;
    if (fault && fault != fault_) {
      complain("pods", fmt::format("{}: {}; what is attached stays, to {}", given_.api, *fault,
                                   counted(attached_.count(), "pod")));
    } else if (!fault && fault_) {
      out_.print("The API server answers again\n");
    }
    fault_ = fault;
    stale_ = Clock::now() + std::chrono::minutes(5);
    next_list_ = Clock::now() + (fault ? std::chrono::seconds(5) : std::chrono::seconds(1));
  }

  // A pod that waits for its cgroup is to have the policy before its first program runs.
  bool wait() {
    using std::chrono::milliseconds;
    milliseconds most(attached_.has_waiting() ? 100 : 2000);
    if (api_.fd() < 0) {
      const auto left = std::chrono::ceil<milliseconds>(next_list_ - Clock::now());
      most = std::clamp(left, milliseconds(0), most);
    }
    pollfd file = {api_.fd(), POLLIN, 0};
    if (::poll(&file, 1, static_cast<int>(most.count())) > 0) api_.take(pods_);
    return true;
  }

  const Given& given_;
  Output out_;
  PodApi api_;
  AttachedPods attached_;
  Pods pods_;
  bool is_known_ = false;
  std::optional<std::string> fault_;
  Clock::time_point next_list_{};
  Clock::time_point stale_{};  // where the connection hangs, nobody tells
};

int keep_pods(Given& given) {
  if (given.api.empty()) throw UsageError("which API server? Give --api SOCKET");
  if (given.node.empty()) throw UsageError("which node's pods? Give --node NAME");
  if (given.labels.empty() && given.namespaces.empty() && given.annotations.empty()) {
    given.labels = kOptIn;
  }
  const std::optional<std::string> mount = cgroup_mount();
  if (!mount) {
    complain("pods", "no cgroup2 file system is mounted");
    return kFault;
  }
  const std::string root = given.root.empty() ? *mount : given.root;
  if (cgroup_id(root) == 0) throw UsageError("--cgroup-root " + root + ": is no cgroup");
  const auto effective = engine_policy("pods", given.sources);
  if (!effective) return kFault;
  end_on_signals();
  return PodKeeper(given, effective->policy(), root).run();
}

std::function<int()> declare(Arguments& arguments) {
  const auto given = std::make_shared<Given>();
  given->sources.takes_zmq = false;
  declare_policy_sources(arguments, given->sources);
  arguments.option("--api", "SOCKET", given->api, "The Unix socket of `kubectl proxy`");
  arguments.option("--node", "NAME", given->node, "The node that this is");
  arguments.option("-l,--selector", "LABELS", given->labels,
                   "Pods with these labels, as in kubectl");
  arguments.option("--namespace", "NAME", given->namespaces,
                   "Pods of this namespace; may be repeated");
  arguments.option("--annotation", "KEY[=VALUE]", given->annotations,
                   "Pods with this annotation; may be repeated");
  arguments.option("--cgroup-root", "PATH", given->root,
                   "The directory that the kubelet's cgroups are in");
  arguments.flag("--once", given->once, "Look at the pods that there are, then end");
  arguments.flag("-n,--dry-run", given->dry_run, "The same, and only show what would be done");
  return [given] { return keep_pods(*given); };
}

constexpr Example kExamples[] = {
    {"sudo sockopt pods --api /run/proxy.sock --node n1", "pods labelled sockopt=attach"},
    {"sudo sockopt pods --api /run/proxy.sock --node n1 --namespace shop",
     "all pods of a namespace"},
};

}  // namespace

constinit const Verb kPodsVerb = {
    .name = "pods",
    .effect = Effect::kChanges,
    .summary = "attach to pods of a Kubernetes node as they come",
    .usage =
        "[-c FILE] [-o KEY=VALUE]... [--enforce]\n"
        "                    --api SOCKET --node NAME\n"
        "                    [-l LABELS] [--namespace NAME]...\n"
        "                    [--annotation KEY[=VALUE]]... [--cgroup-root PATH]\n"
        "                    [--once] [--dry-run]",
    .description =
        "Attaches the configuration to the cgroup of each selected pod of a node, before its\n"
        "programs run, and detaches it when the pod is not selected any more. Without a "
        "selection,\n"
        "pods labelled sockopt=attach are.",
    .examples = kExamples,
    .declare = declare,
};

}  // namespace sockopt
