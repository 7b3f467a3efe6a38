// SPDX-License-Identifier: MIT
//
// What reading a file takes, and making the plan of a program from it.
#include <benchmark/benchmark.h>

#include "shim/config/reader.h"
#include "tools/bench/micro/configuration.h"

namespace sockopt::bench {
namespace {

void read_file(benchmark::State& state) {
  const std::string text = with_rules(state.range(0));
  for (auto _ : state) {
    state.PauseTiming();  // in a process the policy is memory that the kernel has zeroed
    auto policy = std::make_unique<Policy>();
    state.ResumeTiming();
    read_into(*policy, text);
    benchmark::DoNotOptimize(*policy);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(text.size()) *
                          static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK(read_file)->Arg(0)->Arg(1)->Arg(10)->Arg(100)->Arg(1000)->Unit(benchmark::kMicrosecond);

void hash_file(benchmark::State& state) {
  const std::string text = with_rules(200);
  for (auto _ : state) benchmark::DoNotOptimize(content_hash(text));
  state.SetBytesProcessed(static_cast<std::int64_t>(text.size()) *
                          static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK(hash_file)->Unit(benchmark::kMicrosecond);

void make_plan(benchmark::State& state) {
  const auto policy = read(with_rules(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(plan(*policy));
}
BENCHMARK(make_plan)->Arg(0)->Arg(100)->Arg(1000)->Unit(benchmark::kMicrosecond);

void decide(benchmark::State& state) {
  const auto policy = read(with_rules(state.range(0)));
  const auto made = plan(*policy);
  Address address;
  TextOf<200> error;
  parse_address("192.0.2.7:443", address, error);
  for (auto _ : state) {
    Decision decision;
    made->decide(Side::kConnect, address, decision);
    benchmark::DoNotOptimize(decision);
  }
}
BENCHMARK(decide)->Arg(1)->Arg(10)->Arg(100)->Arg(1000);

}  // namespace
}  // namespace sockopt::bench
