// SPDX-License-Identifier: MIT
//
// Where the library is installed for programs of two kinds of machine, LD_PRELOAD holds its name,
// by which each loader finds its own; else its path.
#include <elf.h>
#include <link.h>

#include <cstring>
#include <filesystem>

#include "tests/enable/service_tree.h"
#include "tests/support/paths.h"
#include "tools/sockopt/diagnosis/library_file.h"
#include "tools/sockopt/launch/loader_cache.h"

namespace sockopt::test {
namespace {

namespace fs = std::filesystem;

constexpr char kWordUnit[] = "daemon.service";
constexpr char kBareName[] = "libsockopt.so";
constexpr char kOtherLibrary[] = "/usr/local/lib32/libsockopt.so";
constexpr char kSecondLibrary[] = "/opt/libsockopt.so";
constexpr ElfMachine kForeignMachine = {ELFCLASS32, ELFDATA2MSB, EM_PPC};

class PreloadWord : public testing::Test {
 protected:
  void SetUp() override {
    tree_.service(kWordUnit);
    ElfW(Ehdr) header = {};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = kForeignMachine.bits;
    header.e_ident[EI_DATA] = kForeignMachine.order;
    header.e_machine = EM_PPC << 8;  // in its own byte order
    tree_.write(kOtherLibrary, {reinterpret_cast<const char*>(&header), sizeof header});
    tree_.write(kSecondLibrary, "");
    fs::copy_file(library(), tree_.root() + kSecondLibrary, fs::copy_options::overwrite_existing);
  }

  void cache(const std::vector<std::string>& paths) {
    std::string text = "tables";
    for (const std::string& path : paths) text.append(1, '\0').append(path);
    tree_.write("/etc/ld.so.cache", text.append(1, '\0'));
  }

  // What enabling gives the unit.
  std::string enabled() {
    tree_.enable({"daemon"});
    return tree_.preload(kWordUnit);
  }

  ServiceTree tree_;
};

TEST_F(PreloadWord, IsTheNameWhereEachLoaderFindsItsOwn) {
  EXPECT_EQ(enabled(), kLibrary) << "without a cache";
  cache({kLibrary});
  EXPECT_EQ(enabled(), kLibrary);
  cache({kLibrary, kOtherLibrary});
  EXPECT_EQ(enabled(), kBareName);
  cache({kOtherLibrary, kLibrary, kSecondLibrary});
  EXPECT_EQ(enabled(), kBareName);
  cache({kOtherLibrary, kSecondLibrary, kLibrary});
  EXPECT_EQ(enabled(), kLibrary) << "another comes first";
  cache({kOtherLibrary});
  EXPECT_EQ(enabled(), kLibrary) << "its own loader finds none";
  cache({kLibrary, "/opt/gone/libsockopt.so"});
  EXPECT_EQ(enabled(), kLibrary);
}

TEST_F(PreloadWord, IsAPathWhereTheCacheDoesNotCount) {
  cache({kLibrary, kOtherLibrary});
  tree_.service(kWordUnit, "RootDirectory=/srv\n");
  EXPECT_EQ(enabled(), kLibrary);
  tree_.service(kWordUnit);
  EXPECT_EQ(enabled(), kBareName);
  struct {
    ElfW(Ehdr) header = {};
    ElfW(Phdr) segment = {};
    char loader[32] = "/lib/ld-musl-x86_64.so.1";
  } file;
  const auto own = read_elf_file(library());
  ASSERT_TRUE(own);
  std::memcpy(file.header.e_ident, ELFMAG, SELFMAG);
  file.header.e_ident[EI_CLASS] = own->machine.bits;
  file.header.e_ident[EI_DATA] = own->machine.order;
  file.header.e_machine = own->machine.machine;
  file.header.e_phentsize = sizeof file.segment;
  file.header.e_phnum = 1;
  file.header.e_phoff = sizeof file.header;
  file.segment.p_type = PT_INTERP;
  file.segment.p_offset = sizeof file.header + sizeof file.segment;
  file.segment.p_filesz = sizeof file.loader;
  tree_.write("/usr/sbin/daemon", {reinterpret_cast<const char*>(&file), sizeof file});
  EXPECT_EQ(enabled(), kLibrary) << "a program of musl";
}

TEST_F(PreloadWord, StandsForTheMachinesThatItIsInstalledFor) {
  const FileTree files = tree_.files();
  const auto own = read_elf_file(library());
  ASSERT_TRUE(own);
  EXPECT_EQ(library_machines(files, kLibrary), ElfMachines{own->machine});
  cache({kOtherLibrary, kLibrary});
  EXPECT_EQ(library_machines(files, kLibrary), (ElfMachines{own->machine, kForeignMachine}));
  // Each loader passes over what is for the other.
  EXPECT_EQ(find_by_name(files, kBareName, *own), kLibrary);
  EXPECT_EQ(find_by_name(files, kBareName, ElfFile{.machine = kForeignMachine, .loader = {}}),
            kOtherLibrary);
}

}  // namespace
}  // namespace sockopt::test
