// SPDX-License-Identifier: MIT
//
// -O: a collector that reads at any time gets the old file or the new one, whole.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <iterator>

#include "tests/support/requirements.h"
#include "tests/support/shown_sockets.h"
#include "tools/sockopt/report/replacement_file.h"

namespace sockopt::test {
namespace {

std::size_t files_in(const TemporaryDirectory& directory) {
  const std::filesystem::directory_iterator all(directory.path());
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

TEST(ShowOutputFile, IsReplacedAndLeavesNothingElse) {
  const Listener listener;
  const TemporaryDirectory directory;
  const std::string path = directory.write("sockopt.prom", "old\n", 0600);
  const UniqueFd reader(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  const Finished shown = show({own_word(), "--prometheus", "-O", path});
  EXPECT_EQ(shown.output, "");
  EXPECT_TRUE(contains(read_file(path), "# TYPE sockopt_sockets gauge"));
  char old[100];
  EXPECT_EQ(read(reader.get(), old, sizeof old), 4) << "who has it open reads on in the old one";
  struct stat status = {};
  stat(path.c_str(), &status);
  EXPECT_EQ(status.st_mode & 0777, 0600u) << "as it was given to those who collect it";
  EXPECT_EQ(files_in(directory), 1u);
}

struct stat status_of(const std::filesystem::path& path) {
  struct stat status = {};
  lstat(path.c_str(), &status);
  return status;
}

TEST(ShowOutputFile, NewOneCanBeReadByOthers) {
  const TemporaryDirectory directory;
  umask(022);
  show({own_word(), "--json", "-O", directory / "x"});
  EXPECT_EQ(status_of(directory / "x").st_mode & 0777, 0644u);
}

TEST(ShowOutputFile, KeepsItsOwner) {
  SOCKOPT_NEEDS_ROOT("to give a file away");
  const TemporaryDirectory directory;
  const std::string path = directory.write("sockopt.prom", "old\n", 0640);
  ASSERT_EQ(chown(path.c_str(), 65534, 65533), 0);
  show({own_word(), "--prometheus", "-O", path});
  EXPECT_TRUE(contains(read_file(path), "# TYPE"));
  EXPECT_EQ(status_of(path).st_uid, 65534u);
  EXPECT_EQ(status_of(path).st_gid, 65533u);
  EXPECT_EQ(status_of(path).st_mode & 0777, 0640u);
}

TEST(ShowOutputFile, LinkStaysAndItsTargetIsReplaced) {
  const TemporaryDirectory directory;
  directory.write("target", "old\n");
  for (const std::string target : {"target", "not-there-yet"}) {
    const std::filesystem::path link = directory / ("to-" + target);
    std::filesystem::create_symlink(target, link);
    show({own_word(), "--prometheus", "-O", link});
    EXPECT_TRUE(std::filesystem::is_symlink(link)) << target;
    EXPECT_TRUE(contains(read_file(directory / target), "# TYPE")) << target;
  }
}

TEST(ShowOutputFile, WhatIsNoFileStaysWhatItIs) {
  const TemporaryDirectory directory;
  const std::string fifo = directory / "fifo";
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  const std::string link = directory / "link";
  std::filesystem::create_symlink(fifo, link);
  const std::string place = directory / "directory";
  std::filesystem::create_directory(place);
  std::vector<std::pair<std::string, std::string>> cases = {
      {fifo, "is a pipe"}, {link, "is a pipe"}, {place, "is a directory"}};
  const std::string device = directory / "device";
  if (mknod(device.c_str(), S_IFCHR | 0600, makedev(1, 3)) == 0) {
    cases.emplace_back(device, "is a device");
  }
  for (const auto& [path, why] : cases) {
    const mode_t before = status_of(path).st_mode;
    const Finished shown = show({own_word(), "--prometheus", "-O", path}, "", 2);
    EXPECT_TRUE(contains(shown.error, "-O " + path + ": " + why)) << path;
    EXPECT_EQ(status_of(path).st_mode, before) << path;
  }
}

TEST(ShowOutputFile, JsonToo) {
  const Listener listener;
  const TemporaryDirectory directory;
  show({own_word(), "--json", "-O", directory / "sockets.json"});
  const auto json = nlohmann::json::parse(read_file(directory / "sockets.json"));
  EXPECT_EQ(json["sockets"].size(), 1u);
}

TEST(ShowOutputFile, ThatCannotBeMade) {
  const Finished shown = show({own_word(), "--prometheus", "-O", "/no/such/place/x.prom"}, "", 1);
  EXPECT_EQ(shown.error, "sockopt: -O: create /no/such/place/x.prom: No such file or directory\n");
}

TEST(ShowOutputFile, OldOneStaysWhereTheDiskIsFull) {
  SOCKOPT_NEEDS_ROOT("to mount a small file system");
  SOCKOPT_NEEDS_NAMESPACES("--mount");
  const TemporaryDirectory directory;
  const Listener listener;
  const Connections connections(listener, 20);  // some 60 KB of JSON
  const std::string place = directory.path();
  const Finished shown =
      run({.argv = {"unshare", "--mount", "sh", "-c",
                    "mount -t tmpfs -o size=16k none " + place + " && echo old > " + place +
                        "/x && " + command_path() + " show --json -O " + place + "/x " +
                        own_word() + "; echo status $?; ls " + place + "; cat " + place + "/x"}});
  EXPECT_EQ(shown.output, "status 1\nx\nold\n");
  EXPECT_TRUE(contains(shown.error, "No space left on device"));
}

TEST(ReplacementFile, GoneUnlessItIsCommitted) {
  const TemporaryDirectory directory;
  const std::string path = directory.write("x", "old");
  {
    const Result<ReplacementFile> file = ReplacementFile::create(path);
    ASSERT_TRUE(file);
    EXPECT_EQ(files_in(directory), 2u);
  }
  EXPECT_EQ(files_in(directory), 1u);
  EXPECT_EQ(read_file(path), "old");
}

}  // namespace
}  // namespace sockopt::test
