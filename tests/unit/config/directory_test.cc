// SPDX-License-Identifier: MIT
//
// The names in sockopt.d are read without the C library's directory stream.
#include "shim/config/directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <memory>
#include <string>

#include "tests/support/temporary_directory.h"

namespace sockopt::test {
namespace {

struct Listing {
  std::string names;
  std::string error;
};

Listing list(const std::filesystem::path& path) {
  const auto names = std::make_unique<DirectoryNames>();
  TextOf<128> error;
  const std::size_t count = names->read(path.c_str(), error);
  Listing listing;
  for (std::size_t i = 0; i < count; ++i) (listing.names += names->name(i)) += ' ';
  listing.error = std::string(error.view());
  return listing;
}

TEST(DirectoryNames, AreSortedByByteAndEndInIni) {
  const TemporaryDirectory directory;
  for (const auto* name : {"b.ini", "a.ini", "10.ini", "9.ini", "B.ini", "x.INI", "ini", ".ini",
                           ".x.ini", "x.ini.bak", "c.ini~"}) {
    directory.write(name, "");
  }
  EXPECT_EQ(list(directory.path()).names, "10.ini 9.ini B.ini a.ini b.ini ");
  EXPECT_EQ(list(directory.path()).error, "");
}

TEST(DirectoryNames, NoDirectoryHasNone) {
  const TemporaryDirectory directory;
  for (const auto& path :
       {directory / "nothing", directory.write("file", "") / "x", directory.path() / "file"}) {
    const Listing listing = list(path);
    EXPECT_EQ(listing.names + listing.error, "") << path;
  }
}

TEST(DirectoryNames, AreManyBuffersLong) {
  const TemporaryDirectory directory;
  for (std::size_t i = 0; i < 500; ++i) directory.write("other" + std::to_string(i), "");
  std::string expected;
  for (std::size_t i = 0; i < DirectoryNames::kMost; ++i) {
    const std::string name = std::to_string(100 + i) + std::string(100, 'x') + ".ini";
    directory.write(name, "");
    (expected += name) += ' ';
  }
  EXPECT_EQ(list(directory.path()).names, expected);
  directory.write("one-more.ini", "");
  EXPECT_EQ(list(directory.path()).error, "holds more than 60 files");
}

TEST(DirectoryNames, OfTheGreatestLengthHaveRoomOrAreMissed) {
  const TemporaryDirectory directory;
  for (std::size_t i = 0; i < 50; ++i) {
    directory.write(std::to_string(100 + i) + std::string(248, 'x') + ".ini", "");
  }
  const Listing listing = list(directory.path());
  EXPECT_FALSE(listing.error.empty()) << "50 names of 255 bytes are more than 8 KiB";
}

}  // namespace
}  // namespace sockopt::test
