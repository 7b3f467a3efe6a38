// SPDX-License-Identifier: MIT
//
// Grafana's dashboard: a Prometheus that holds what `sockopt show --prometheus` exposes has
// something to show in each of its panels.
#include <gtest/gtest.h>

#include <string>

#include "tests/bpf/engine_host.h"
#include "tests/support/listener.h"
#include "tests/support/paths.h"
#include "tests/support/requirements.h"
#include "tests/support/shown_sockets.h"
#include "tests/support/temporary_directory.h"

namespace sockopt::test {
namespace {

std::string with(std::string text, const std::string& what, const std::string& other) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return at == std::string::npos ? text : text.replace(at, what.size(), other);
}

TEST(Dashboard, EveryQueryFindsMetricsThatShowExposes) {
  SOCKOPT_NEEDS_ENGINE();
  SOCKOPT_NEEDS("promtool");
  SOCKOPT_NEEDS("prometheus");
  SOCKOPT_NEEDS("ss");
  const TestCgroup cgroup;
  cgroup.attach_quietly("[sockopt]\nkeepidle = 60s\n");
  const Listener listener(8);
  const Connections connections(listener, 1);
  const TemporaryDirectory directory;
  const std::string metrics = directory.write(
      "metrics", show({own_word(), "--prometheus"}, "[sockopt]\nkeepalive = on\n").output);
  const auto shipped = source_directory() / "tools/monitoring/sockopt.dashboard.json";
  const std::string text = read_file(shipped);
  // What the check is to find, if it were so.
  const std::string no_metric =
      directory.write("no_metric", with(text, "count by (instance, path) (sockopt_policy_info",
                                        "count by (instance, path) (sockopt_policies"));
  const std::string no_label =
      directory.write("no_label", with(text, "sum by (reach)", "sum by (unit)"));
  const std::string no_query =
      directory.write("no_query", with(text, "sum by (reach) (", "sum by ("));
  const Finished checked =
      run({.argv = {"/usr/bin/python3", source_directory() / "tests/deploy/dashboard.py", metrics,
                    directory.path(), shipped, no_metric, no_label, no_query}},
          3 * kPatience);
  EXPECT_TRUE(checked.success()) << checked.error << read_file(directory / "prometheus.log");
  const std::string& faults = checked.output;
  EXPECT_FALSE(contains(faults, "sockopt.dashboard.json")) << faults;
  EXPECT_TRUE(contains(faults, "no_metric: Versions of a policy in use: ")) << faults;
  EXPECT_TRUE(contains(faults, "no_metric: sockopt_policy_info is shown nowhere")) << faults;
  EXPECT_TRUE(contains(faults, "has no reach")) << faults;
  EXPECT_TRUE(contains(faults, "parse error")) << faults;
}

}  // namespace
}  // namespace sockopt::test
