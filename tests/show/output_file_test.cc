// SPDX-License-Identifier: MIT
//
// -O: a collector that reads at any time gets the old file or the new one, whole.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/show/shown.h"
#include "tests/support/namespaces.h"
#include "tools/sockopt/output/replacement_file.h"

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
  EXPECT_EQ(status.st_mode & 0777, 0644u) << "others collect it";
  EXPECT_EQ(files_in(directory), 1u);
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
  if (geteuid() != 0) GTEST_SKIP() << "needs root, to mount a small file system";
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
