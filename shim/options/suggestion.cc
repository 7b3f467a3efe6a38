// SPDX-License-Identifier: MIT
#include "shim/options/suggestion.h"

#include <algorithm>
#include <cstdint>

#include "shim/options/lookup.h"
#include "shim/text/text.h"

namespace sockopt {
namespace {

struct Foreign {
  FixedText<24> word;
  OptionId option;
};

// What sysctls, nginx, HAProxy, Apache, redis, PostgreSQL and other shims call the same options.
constexpr Foreign kForeign[] = {
    {"keepalive_time", find_key("keepidle")},
    {"keepalive_idle", find_key("keepidle")},
    {"keepalives_idle", find_key("keepidle")},
    {"keepalivetimesec", find_key("keepidle")},
    {"keepalive_intvl", find_key("keepintvl")},
    {"keepalive_interval", find_key("keepintvl")},
    {"keepalives_interval", find_key("keepintvl")},
    {"keepaliveintervalsec", find_key("keepintvl")},
    {"keepinterval", find_key("keepintvl")},
    {"keepalive_probes", find_key("keepcnt")},
    {"keepalive_count", find_key("keepcnt")},
    {"keepalives_count", find_key("keepcnt")},
    {"keepaliveprobes", find_key("keepcnt")},
    {"ut", find_key("user_timeout")},
    {"deferred", find_key("defer_accept")},
    {"tfo", find_key("fastopen")},
    {"mss", find_key("maxseg")},
    {"listenbacklog", find_key("backlog")},
    {"listen_backlog", find_key("backlog")},
    {"somaxconn", find_key("backlog")},
    {"dscp", find_key("tos")},
    {"tclass", find_key("tos")},
    {"hoplimit", find_key("ttl")},
    {"unicast_hops", find_key("ttl")},
    {"fwmark", find_key("mark")},
    {"interface", find_key("bindtodevice")},
    {"device", find_key("bindtodevice")},
    {"receivebuffersize", find_key("rcvbuf")},
    {"receive_buffer", find_key("rcvbuf")},
    {"sendbuffersize", find_key("sndbuf")},
    {"send_buffer", find_key("sndbuf")},
    {"fin_timeout", find_key("linger2")},
    {"syn_retries", find_key("syncnt")},
    {"nagle", find_key("nodelay")},
    {"pacing_rate", find_key("max_pacing_rate")},
    {"pmtudisc", find_key("mtu_discover")},
    {"congestion_control", find_key("congestion")},
    {"max_syn_backlog", find_key("backlog")},
    {"rmem", find_key("rcvbuf")},
    {"rmem_max", find_key("rcvbuf")},
    {"wmem", find_key("sndbuf")},
    {"wmem_max", find_key("sndbuf")},
    {"bindv6only", find_key("v6only")},
    {"retries2", find_key("user_timeout")},
    {"default_ttl", find_key("ttl")},
    {"nonlocal_bind", find_key("freebind")},
    {"busy_read", find_key("busy_poll")},
};
static_assert([] {
  for (const Foreign& foreign : kForeign) {
    if (foreign.option == kNoOption) return false;
  }
  return true;
}());

// The same words one behind the other, each behind its option and its length: a third of the size.
constexpr std::size_t kPackedSize = [] {
  std::size_t size = 0;
  for (const Foreign& foreign : kForeign) size += 2 + foreign.word.view().size();
  return size;
}();
struct PackedWords {
  char bytes[kPackedSize];
};
constexpr PackedWords kPacked = [] {
  PackedWords packed{};
  std::size_t at = 0;
  for (const Foreign& foreign : kForeign) {
    const std::string_view word = foreign.word.view();
    packed.bytes[at++] = static_cast<char>(foreign.option);
    packed.bytes[at++] = static_cast<char>(word.size());
    for (const char c : word) packed.bytes[at++] = c;
  }
  return packed;
}();

OptionId find_foreign(std::string_view word) {
  for (std::size_t at = 0; at < kPackedSize;) {
    const std::size_t size = static_cast<unsigned char>(kPacked.bytes[at + 1]);
    if (word == std::string_view(kPacked.bytes + at + 2, size)) {
      return static_cast<OptionId>(kPacked.bytes[at]);
    }
    at += 2 + size;
  }
  return kNoOption;
}

constexpr FixedText<9> kPrefixes[] = {"so_", "tcp_", "ipv6_", "ip_", "ipproto_"};
constexpr std::size_t kLongestWord = 48;

// The Damerau-Levenshtein distance, a swap of neighbours counting once, or `limit` if it is not
// below that; three rows are enough, and most words differ by their first letters.
std::size_t distance(std::string_view a, std::string_view b, std::size_t limit) {
  if (a.size() > kLongestWord || b.size() > kLongestWord) return limit;
  if (a.size() >= b.size() + limit || b.size() >= a.size() + limit) return limit;
  std::uint8_t rows[3][kLongestWord + 1];
  for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = static_cast<std::uint8_t>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::uint8_t* now = rows[i % 3];
    const std::uint8_t* above = rows[(i + 2) % 3];
    now[0] = static_cast<std::uint8_t>(i);
    unsigned nearest = now[0];
    for (std::size_t j = 1; j <= b.size(); ++j) {
      unsigned best = std::min(above[j], now[j - 1]) + 1U;
      best = std::min(best, above[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U));
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        best = std::min(best, rows[(i + 1) % 3][j - 2] + 1U);
      }
      now[j] = static_cast<std::uint8_t>(best);
      nearest = std::min(nearest, best);
    }
    if (nearest >= limit) return limit;  // no later row comes nearer
  }
  return rows[a.size() % 3][b.size()];
}

}  // namespace

// One slip in a short word, two in others.
NearestWord::NearestWord(std::string_view unknown)
    : unknown_(unknown), distance_(unknown.size() <= 4 ? 2 : 3) {}

void NearestWord::consider(std::string_view word) {
  const std::size_t far = distance(unknown_, word, distance_);
  if (far >= distance_) return;
  distance_ = far;
  word_ = word;
}

std::string_view suggest_key(std::string_view unknown) {
  char buffer[kLongestWord];
  if (unknown.empty() || unknown.size() > sizeof buffer) return {};
  for (std::size_t i = 0; i < unknown.size(); ++i) {
    buffer[i] = unknown[i] == '-' ? '_' : to_lower(unknown[i]);
  }
  std::string_view word(buffer, unknown.size());
  // A sysctl by its whole name.
  if (word.starts_with("net.")) word.remove_prefix(word.rfind('.') + 1);
  for (const std::string_view prefix : kPrefixes) {
    if (word.starts_with(prefix)) {
      word.remove_prefix(prefix.size());
      break;
    }
  }
  OptionId exact = find_option(word);
  if (exact == kNoOption) exact = find_foreign(word);
  if (exact != kNoOption) return kOptions[exact].key;
  NearestWord meant(word);
  for (const Option& option : kOptions) meant.consider(option.key);
  return meant.word();
}

}  // namespace sockopt
