// SPDX-License-Identifier: MIT
//
// Whether LD_PRELOAD names this library decides whether the variables beside it are heeded: the
// descendants of a set-user-ID program have lost the one and kept the others.
#include <gtest/gtest.h>

#include "shim/config/environment.h"

namespace sockopt::test {
namespace {

TEST(NamesLibrary, ByItsBaseNameInAnyDirectory) {
  for (const std::string_view preload :
       {"libsockopt.so", "/usr/lib/libsockopt.so", "./libsockopt.so", "/opt/$LIB/libsockopt.so",
        "$ORIGIN/../lib/libsockopt.so"}) {
    EXPECT_TRUE(names_library(preload, {})) << preload;
    EXPECT_TRUE(names_library(preload, "/elsewhere/libsockopt.so")) << preload;
  }
}

TEST(NamesLibrary, AmongOthers) {
  for (const std::string_view preload :
       {"libother.so:libsockopt.so", "libother.so libsockopt.so", "libsockopt.so:libother.so",
        "  libother.so  /a/libsockopt.so  ", ":libsockopt.so:", "a:b c:/x/libsockopt.so d"}) {
    EXPECT_TRUE(names_library(preload, {})) << preload;
  }
}

TEST(NamesLibrary, NotByAPartOfAName) {
  for (const std::string_view preload :
       {"", ":", " ", "libsockopt.so.1", "xlibsockopt.so", "libsockopt", "LIBSOCKOPT.SO",
        "/libsockopt.so/x", "libother.so", "libsock:opt.so"}) {
    EXPECT_FALSE(names_library(preload, "/usr/lib/libsockopt.so")) << preload;
    EXPECT_FALSE(names_library(preload, "")) << preload;
  }
}

TEST(NamesLibrary, ARenamedCopyByTheNameItWasLoadedFrom) {
  EXPECT_TRUE(names_library("/opt/keepalive-shim.so", "/opt/keepalive-shim.so"));
  EXPECT_TRUE(names_library("keepalive-shim.so", "/opt/keepalive-shim.so"));
  EXPECT_FALSE(names_library("/opt/other.so", "/opt/keepalive-shim.so"));
}

TEST(NamesLibrary, ADirectoryIsNoLibraryWithoutAName) {
  EXPECT_FALSE(names_library("/usr/lib/", "")) << "an empty base name equals no other";
  EXPECT_FALSE(names_library("/", {}));
  EXPECT_FALSE(names_library("libsockopt.so/", {}));
  EXPECT_FALSE(names_library("libother.so:/tmp/", {}));
}

}  // namespace
}  // namespace sockopt::test
