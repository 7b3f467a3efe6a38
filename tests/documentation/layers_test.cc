// SPDX-License-Identifier: MIT
//
// The source is built in layers: a file includes files of its own layer and of those below it. No
// two files need each other, and no verb of the command needs another one.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "tests/support/paths.h"
#include "tests/support/temporary_directory.h"

namespace sockopt::test {
namespace {

// From top to bottom. A file is of the layer whose name is the longest beginning of its path.
constexpr std::string_view kLayers[] = {
    "tools/demo_server",
    "tools/compare_sockets",
    "tools/sockopt/",
    "tools/sockopt/verbs/",
    "tools/sockopt/verb.h",
    "tools/sockopt/arguments.",
    "tools/sockopt/diagnosis/",
    "tools/sockopt/units/",
    "tools/sockopt/bpf/",
    "tools/sockopt/live/",
    "tools/sockopt/policy/",
    "tools/sockopt/launch/",
    "tools/sockopt/report/",
    "tools/systemd/",
    "tools/inspect/",
    "shim/zmq/preload/",
    "shim/preload/",
    "shim/zmq/",
    "shim/sockets/",
    "shim/config/",
    "shim/policy/",
    "shim/options/",
    "shim/system/",
    "shim/text/",
};
constexpr std::string_view kVerbs = "tools/sockopt/verbs/";

using Includes = std::map<std::string, std::set<std::string>>;

// Of the files below shim/ and tools/, but for the benchmarks, by their paths.
Includes read_includes(const std::filesystem::path& root) {
  static const std::regex kInclude("(?:^|\n)#include \"((?:shim|tools)/[^\"]+)\"");
  Includes includes;
  for (const char* top : {"shim", "tools"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / top)) {
      const std::string extension = entry.path().extension();
      if (extension != ".cc" && extension != ".h") continue;
      const std::string path = entry.path().lexically_relative(root);
      if (path.starts_with("tools/bench/")) continue;
      std::set<std::string>& named = includes[path];
      const std::string text = read_file(entry.path());
      for (std::sregex_iterator it(text.begin(), text.end(), kInclude), end; it != end; ++it) {
        named.insert((*it)[1]);
      }
    }
  }
  return includes;
}

std::size_t layer_of(std::string_view path) {
  std::size_t found = std::size(kLayers);
  for (std::size_t i = 0; i < std::size(kLayers); ++i) {
    if (!path.starts_with(kLayers[i])) continue;
    if (found == std::size(kLayers) || kLayers[i].size() > kLayers[found].size()) found = i;
  }
  return found;
}

// The folder of the verb that a file belongs to; empty where it is no verb's own.
std::string verb_of(const std::string& path) {
  const std::size_t slash = path.find('/', kVerbs.size());
  return path.starts_with(kVerbs) && slash != std::string::npos ? path.substr(0, slash) : "";
}

std::vector<std::string> upward_arrows(const Includes& includes) {
  std::vector<std::string> arrows;
  for (const auto& [from, all] : includes) {
    for (const std::string& to : all) {
      const std::size_t below = layer_of(from);
      const std::size_t above = layer_of(to);
      if (above >= below) continue;
      arrows.push_back(from + " -> " + to + " (" + std::string(kLayers[below]) + " is below " +
                       std::string(kLayers[above]) + ")");
    }
  }
  return arrows;
}

// A header and its source are one.
std::string without_extension(const std::string& path) { return path.substr(0, path.rfind('.')); }

class CircleSearch {
 public:
  explicit CircleSearch(const Includes& includes) {
    for (const auto& [from, all] : includes) {
      for (const std::string& to : all) {
        const std::string one = without_extension(from);
        const std::string other = without_extension(to);
        if (one != other) needs_[one].insert(other);
      }
    }
  }

  // `a -> b -> a`; empty where there is none.
  std::string find() {
    for (const auto& [name, all] : needs_) {
      if (visit(name)) return circle_;
    }
    return {};
  }

 private:
  bool visit(const std::string& name) {
    if (done_.contains(name)) return false;
    const auto begin = std::find(way_.begin(), way_.end(), name);
    if (begin != way_.end()) {
      for (auto it = begin; it != way_.end(); ++it) circle_ += *it + " -> ";
      circle_ += name;
      return true;
    }
    way_.push_back(name);
    for (const std::string& next : needs_[name]) {
      if (visit(next)) return true;
    }
    way_.pop_back();
    done_.insert(name);
    return false;
  }

  std::map<std::string, std::set<std::string>> needs_;
  std::vector<std::string> way_;
  std::set<std::string> done_;
  std::string circle_;
};

TEST(Layers, EveryFileIsOfOne) {
  const Includes includes = read_includes(source_directory());
  std::set<std::size_t> layers;
  for (const auto& [path, all] : includes) {
    EXPECT_LT(layer_of(path), std::size(kLayers)) << path;
    layers.insert(layer_of(path));
  }
  EXPECT_EQ(layers.size(), std::size(kLayers)) << "a layer has no file any more";
}

TEST(Layers, ArrowsGoDownwards) {
  for (const std::string& arrow : upward_arrows(read_includes(source_directory()))) {
    ADD_FAILURE() << arrow;
  }
}

TEST(Layers, NoFilesNeedEachOther) {
  EXPECT_EQ(CircleSearch(read_includes(source_directory())).find(), "");
}

TEST(Layers, NoVerbNeedsAnother) {
  for (const auto& [from, all] : read_includes(source_directory())) {
    for (const std::string& to : all) {
      const std::string verb = verb_of(to);
      if (verb.empty()) continue;
      EXPECT_EQ(verb_of(from), verb) << from << " -> " << to;
    }
  }
}

TEST(Layers, AnArrowUpwardsIsNamed) {
  const TemporaryDirectory root;
  std::filesystem::create_directories(root.path() / "shim/text");
  std::filesystem::create_directories(root.path() / "tools/inspect");
  root.write("shim/text/a.h", "// SPDX\n#include <string>\n#include \"tools/inspect/b.h\"\n");
  root.write("tools/inspect/b.h", "#include \"tools/inspect/c.h\"\n");
  root.write("tools/inspect/c.cc", "#include \"shim/text/a.h\"\n");
  const Includes includes = read_includes(root.path());
  EXPECT_EQ(upward_arrows(includes),
            std::vector<std::string>{"shim/text/a.h -> tools/inspect/b.h (shim/text/ is below "
                                     "tools/inspect/)"});
  EXPECT_EQ(CircleSearch(includes).find(),
            "shim/text/a -> tools/inspect/b -> tools/inspect/c -> shim/text/a");
}

}  // namespace
}  // namespace sockopt::test
