// SPDX-License-Identifier: MIT
//
// Executable files that are damaged, or made to mislead: whatever they hold, reading them ends.
#include "tools/sockopt/launch/elf_file.h"

#include <elf.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/support/temporary_directory.h"
#include "tools/inspect/unique_fd.h"

namespace sockopt::test {
namespace {

std::optional<ElfFile> read_bytes(const std::string& bytes) {
  const UniqueFd file(memfd_create("elf", MFD_CLOEXEC));
  EXPECT_EQ(write(file.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  return read_elf_file(file.get());
}

std::string program(const char* name) {
  return read_file(std::string(SOCKOPT_PROGRAM_DIR "/") + name);
}

TEST(ElfFiles, AreToldApart) {
  const auto dynamic = read_bytes(program("dynamic_program"));
  ASSERT_TRUE(dynamic);
  EXPECT_FALSE(dynamic->is_static);
  EXPECT_FALSE(dynamic->is_go);
  EXPECT_TRUE(dynamic->loader.starts_with('/')) << dynamic->loader;
  ASSERT_EQ(dynamic->needed.size(), 1u);
  EXPECT_TRUE(dynamic->needed[0].starts_with("libc.")) << dynamic->needed[0];
  const auto fixed = read_bytes(program("static_program"));
  ASSERT_TRUE(fixed);
  EXPECT_TRUE(fixed->is_static);
  EXPECT_TRUE(fixed->needed.empty());
  EXPECT_EQ(fixed->machine, dynamic->machine);
  const auto movable = read_bytes(program("static_pie_program"));
  ASSERT_TRUE(movable);
  EXPECT_TRUE(movable->is_static);
  const auto go = read_bytes(program("go_program"));
  ASSERT_TRUE(go);
  EXPECT_TRUE(go->is_go);
}

TEST(ElfFiles, OfOtherMachinesAreNamed) {
  EXPECT_EQ((ElfMachine{ELFCLASS32, ELFDATA2LSB, EM_386}).text(), "32-bit x86");
  EXPECT_EQ((ElfMachine{ELFCLASS64, ELFDATA2LSB, EM_AARCH64}).text(), "64-bit ARM64");
  EXPECT_EQ((ElfMachine{ELFCLASS64, ELFDATA2LSB, 999}).text(), "64-bit machine 999");
  std::string bytes = program("dynamic_program");
  bytes[EI_DATA] = ELFDATA2MSB;
  bytes[offsetof(Elf64_Ehdr, e_machine)] = 0;
  bytes[offsetof(Elf64_Ehdr, e_machine) + 1] = EM_S390;
  const auto foreign = read_bytes(bytes);
  ASSERT_TRUE(foreign);
  EXPECT_EQ(foreign->machine.machine, EM_S390);
}

TEST(ElfFiles, WhatIsNoneIsNone) {
  EXPECT_FALSE(read_bytes(""));
  EXPECT_FALSE(read_bytes("#!/bin/sh\n"));
  EXPECT_FALSE(read_bytes(std::string(4096, '\0')));
  EXPECT_FALSE(read_elf_file(-1));
}

TEST(ElfFiles, CutAnywhereAreRead) {
  const std::string bytes = program("go_program");
  for (std::size_t size = 0; size < bytes.size(); size += size < 2048 ? 7 : 511) {
    const auto file = read_bytes(bytes.substr(0, size));
    EXPECT_EQ(file.has_value(), size >= sizeof(Elf64_Ehdr)) << size;
  }
}

TEST(ElfFiles, WithAnyByteOfTheirHeadersChangedAreRead) {
  const std::string bytes = program("go_program");
  const std::size_t sections = reinterpret_cast<const Elf64_Ehdr*>(bytes.data())->e_shoff;
  const auto change = [&](std::size_t at) {
    for (const char value : {'\x00', '\x7f', '\xff'}) {
      std::string changed = bytes;
      changed[at] = value;
      EXPECT_EQ(read_bytes(changed).has_value(), at >= SELFMAG || value == bytes[at]) << at;
    }
  };
  for (std::size_t at = 0; at < 1024; ++at) change(at);
  for (std::size_t at = sections; at < bytes.size(); at += 3) change(at);
}

}  // namespace
}  // namespace sockopt::test
