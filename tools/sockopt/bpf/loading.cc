// SPDX-License-Identifier: MIT
#include "tools/sockopt/bpf/loading.h"

#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace sockopt {
namespace {

std::string& kept_messages() {
  static std::string text;
  return text;
}

int keep_message(libbpf_print_level level, const char* format, va_list arguments) {
  if (level == LIBBPF_DEBUG) return 0;
  char* text = nullptr;
  if (::vasprintf(&text, format, arguments) < 0) return 0;
  kept_messages() += text;
  std::free(text);  // NOLINT(cppcoreguidelines-no-malloc)
  return 0;
}

}  // namespace

void keep_libbpf_messages() {
  kept_messages().clear();
  ::libbpf_set_print(keep_message);
}

const std::string& libbpf_messages() { return kept_messages(); }

Finding failed(std::string_view doing, int error) {
  std::string what = fmt::format("{}: {}", doing, std::strerror(error));
  if (error == EPERM) {
    return Finding::error("bpf", std::move(what),
                          "a security policy, or another program that was attached to this cgroup "
                          "for itself alone (bpftool cgroup tree), forbids it");
  }
  return Finding::error("bpf", std::move(what));
}

}  // namespace sockopt
