// SPDX-License-Identifier: MIT
//
// Pointers that programs hand to the kernel: what can be read, and what only looks as if.
#include "shim/system/memory.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace sockopt::test {
namespace {

// Two pages, of which the second cannot be read.
class Pages {
 public:
  Pages() : size_(static_cast<std::size_t>(sysconf(_SC_PAGESIZE))) {
    void* memory =
        mmap(nullptr, 2 * size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    begin_ = static_cast<char*>(memory);
    mprotect(begin_ + size_, size_, PROT_NONE);
  }
  ~Pages() { munmap(begin_, 2 * size_); }
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;

  char* begin() const { return begin_; }
  char* end() const { return begin_ + size_; }  ///< of what can be read

 private:
  std::size_t size_;
  char* begin_;
};

TEST(IsReadable, WhatIsThere) {
  const int on_the_stack = 0;
  static const int kInTheImage = 0;
  const auto on_the_heap = std::make_unique<int>();
  EXPECT_TRUE(system::is_readable(&on_the_stack, sizeof on_the_stack));
  EXPECT_TRUE(system::is_readable(&kInTheImage, sizeof kInTheImage));
  EXPECT_TRUE(system::is_readable(on_the_heap.get(), sizeof(int)));
  const Pages pages;
  EXPECT_TRUE(system::is_readable(pages.begin(), 1));
  EXPECT_TRUE(system::is_readable(pages.end() - 28, 28)) << "up to the last byte";
}

#if defined(__i386__) || defined(__x86_64__)
// Where the stack begins, now and then: it is put near the end at random.
TEST(IsReadable, UpToTheLastPageOfAll) {
  constexpr std::uintptr_t kLast = sizeof(void*) == 4 ? 0xffffd000 : 0x7fffffffd000;
  auto* last = reinterpret_cast<void*>(kLast);
  constexpr std::size_t kSize = 4096;
  const void* memory = mmap(last, kSize, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | 0x100000, -1, 0);
  // That flag is MAP_FIXED_NOREPLACE: what is there already is the stack.
  ASSERT_TRUE(memory == last || (memory == MAP_FAILED && errno == EEXIST)) << strerror(errno);
  EXPECT_TRUE(system::is_readable(last, 16));
  if (memory == last) munmap(last, kSize);
}
#endif

TEST(IsReadable, WhatIsNot) {
  const Pages pages;
  EXPECT_FALSE(system::is_readable(pages.end(), 1));
  EXPECT_FALSE(system::is_readable(pages.end() - 8, 16)) << "the end of it is not";
  EXPECT_FALSE(system::is_readable(pages.end() - 1, 2));
  EXPECT_FALSE(system::is_readable(nullptr, 16));
  EXPECT_FALSE(system::is_readable(reinterpret_cast<const void*>(16), 16));
  EXPECT_FALSE(system::is_readable(reinterpret_cast<const void*>(-1), 16));
  EXPECT_FALSE(system::is_readable(pages.begin(), 0)) << "nothing to read";
}

TEST(IsReadable, APageThatWasAndIsNoMore) {
  char* gone = nullptr;
  {
    const Pages pages;
    gone = pages.begin();
    EXPECT_TRUE(system::is_readable(gone, 1));
  }
  EXPECT_FALSE(system::is_readable(gone, 1));
}

}  // namespace
}  // namespace sockopt::test
