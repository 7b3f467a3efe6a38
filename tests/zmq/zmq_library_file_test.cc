// SPDX-License-Identifier: MIT
//
// The file: small, hardened, in need of nothing but the C library; and libsockopt.so is free of
// ZeroMQ.
#include <regex>
#include <set>
#include <sstream>

#include "tests/support/paths.h"
#include "tests/zmq/zmq_library.h"

namespace sockopt::test {
namespace {

std::string readelf_of(const std::string& option, const std::filesystem::path& file) {
  const Finished finished = run({.argv = {"readelf", "-W", option, file}});
  EXPECT_TRUE(finished.success()) << finished.error;
  return finished.output;
}

// Of the dynamic symbols: those that are defined, or those that are needed.
std::set<std::string> dynamic_names(bool defined) {
  std::set<std::string> names;
  std::istringstream lines(readelf_of("--dyn-syms", zmq_library()));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::string number, value, size, type, binding, visibility, section, name;
    fields >> number >> value >> size >> type >> binding >> visibility >> section >> name;
    if (name.empty() || section == "Ndx" || (section == "UND") == defined) continue;
    names.insert(name.substr(0, name.find('@')));
  }
  return names;
}

TEST(ZmqLibraryFile, ExportsItsHooksAndNothingElse) {
  std::set<std::string> expected;
  const std::string script = read_file(source_directory() / "shim/zmq/preload/libsockopt-zmq.map");
  static const std::regex kName("\n    ([a-z_]+);");
  for (std::sregex_iterator it(script.begin(), script.end(), kName), end; it != end; ++it) {
    expected.insert((*it)[1]);
  }
  EXPECT_TRUE(expected.contains("zmq_socket"));
  EXPECT_EQ(dynamic_names(true), expected);
}

TEST(ZmqLibraryFile, NeedsOnlyWhatEveryCLibraryHas) {
  static const std::set<std::string> kAllowed = {
      "__environ", "__errno_location", "dl_iterate_phdr", "__stack_chk_fail",
      // Weak: not everywhere, and null there.
      "__libc_stack_end", "_dl_debug_addr", "_r_debug", "dlsym", "_ITM_deregisterTMCloneTable",
      "_ITM_registerTMCloneTable", "__cxa_finalize", "__gmon_start__", "__tls_get_addr"};
  for (const std::string& name : dynamic_names(false)) EXPECT_TRUE(kAllowed.contains(name)) << name;
  const std::string dynamic = readelf_of("-d", zmq_library());
  static const std::regex kNeeded("\\(NEEDED\\).*\\[([^]]+)\\]");
  for (std::sregex_iterator it(dynamic.begin(), dynamic.end(), kNeeded), end; it != end; ++it) {
    const std::string name = (*it)[1];
    EXPECT_TRUE(name == "libc.so.6" || name == "libdl.so.2") << name;
  }
  for (const char* word : {"BIND_NOW", "NODELETE", "[libsockopt-zmq.so]"}) {
    EXPECT_NE(dynamic.find(word), std::string::npos) << word;
  }
  EXPECT_EQ(dynamic.find("TEXTREL"), std::string::npos);
  EXPECT_NE(readelf_of("-l", zmq_library()).find("GNU_RELRO"), std::string::npos);
}

TEST(ZmqLibraryFile, IsSmall) {
#if !defined(SOCKOPT_RELEASE)
  GTEST_SKIP() << "only a release build is what is installed";
#endif
  const auto size = std::filesystem::file_size(zmq_library());
  RecordProperty("bytes", std::to_string(size));
  EXPECT_LE(size, 81920U);
}

TEST(ZmqLibraryFile, TheFirstLibraryIsFreeOfIt) {
  const std::string first = read_file(library());
  for (const char* word : {"zmq_socket", "req_relaxed", "ZeroMQ"}) {
    EXPECT_EQ(first.find(word), std::string::npos) << word;
  }
}

}  // namespace
}  // namespace sockopt::test
