// SPDX-License-Identifier: MIT
#include "tools/sockopt/verbs/pods/pod_cgroups.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

namespace sockopt {
namespace {

namespace fs = std::filesystem;

std::string_view without_slice(std::string_view name) {
  constexpr std::string_view kSlice = ".slice";
  return name.ends_with(kSlice) ? name.substr(0, name.size() - kSlice.size()) : name;
}

// What a pod does below its own cgroup is not looked at: it could name one as it likes.
template <typename Visit>
void each_below(const fs::path& directory, const Visit& visit) {
  std::error_code gone;
  for (fs::directory_iterator it(directory, gone), end; !gone && it != end; it.increment(gone)) {
    std::error_code error;
    if (it->is_directory(error) && !it->is_symlink(error)) visit(it->path());
  }
}

}  // namespace

std::string pod_uid(std::string_view name) {
  constexpr std::string_view kPod = "pod";
  name = without_slice(name);
  const std::size_t dash = name.rfind("-pod");
  if (dash != name.npos) name.remove_prefix(dash + 1);
  if (!name.starts_with(kPod)) return {};
  std::string uid(name.substr(kPod.size()));
  std::replace(uid.begin(), uid.end(), '_', '-');
  // A static pod's has no dashes.
  const bool is_uid = uid.size() >= 32 && std::all_of(uid.begin(), uid.end(), [](char c) {
                        return c == '-' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                      });
  return is_uid ? uid : std::string();
}

std::map<std::string, std::string> find_pod_cgroups(const std::string& root) {
  std::map<std::string, std::string> found;
  const auto take = [&](const fs::path& path) {
    std::string uid = pod_uid(path.filename().native());
    const bool is_pod = !uid.empty();
    if (is_pod) found.emplace(std::move(uid), path);
    return is_pod;
  };
  const auto look = [&](const fs::path& top) {
    if (!without_slice(top.filename().native()).ends_with("kubepods")) return false;
    each_below(top, [&](const fs::path& path) {
      if (!take(path)) each_below(path, take);  // a class: burstable, besteffort
    });
    return true;
  };
  each_below(root, [&](const fs::path& path) {
    if (!look(path) && path.filename().native().starts_with("kubelet")) each_below(path, look);
  });
  return found;
}

}  // namespace sockopt
