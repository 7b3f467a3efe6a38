// SPDX-License-Identifier: MIT
//
// The library's own memcpy(3) and its kin, hidden: what we and the compiler call by these names
// must not be bound to another object's.  A sanitizer's checks every byte that it is given, and
// knows nothing of what we wrote to ours; a program may have a function of its own by such a name.
//
// Compiled so that no loop is recognized as the function that it stands in.
#include <bit>
#include <cstddef>
#include <cstdint>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace {

using Word = std::uintptr_t;
// A word of memory that may lie anywhere and be anything.
typedef Word AnyWord [[gnu::aligned(1), gnu::may_alias]];  // NOLINT: `using` would lose it

AnyWord& word_at(void* memory, std::size_t at) {
  return *reinterpret_cast<AnyWord*>(static_cast<char*>(memory) + at);
}
const AnyWord& word_at(const void* memory, std::size_t at) {
  return *reinterpret_cast<const AnyWord*>(static_cast<const char*>(memory) + at);
}

}  // namespace

extern "C" {

void* memcpy(void* __restrict to, const void* __restrict from, std::size_t size) noexcept {
  std::size_t at = 0;
  for (; size - at >= sizeof(Word); at += sizeof(Word)) word_at(to, at) = word_at(from, at);
  for (; at < size; ++at) static_cast<char*>(to)[at] = static_cast<const char*>(from)[at];
  return to;
}

void* memmove(void* to, const void* from, std::size_t size) noexcept {
  const auto distance =
      reinterpret_cast<std::uintptr_t>(to) - reinterpret_cast<std::uintptr_t>(from);
  if (distance >= size) return memcpy(to, from, size);
  // Behind itself: from the end.
  for (; size >= sizeof(Word); size -= sizeof(Word)) {
    word_at(to, size - sizeof(Word)) = word_at(from, size - sizeof(Word));
  }
  while (size-- > 0) static_cast<char*>(to)[size] = static_cast<const char*>(from)[size];
  return to;
}

void* memset(void* to, int byte, std::size_t size) noexcept {
  const Word pattern = static_cast<unsigned char>(byte) * (~Word{0} / 0xff);
  std::size_t at = 0;
  for (; size - at >= sizeof(Word); at += sizeof(Word)) word_at(to, at) = pattern;
  for (; at < size; ++at) static_cast<char*>(to)[at] = static_cast<char>(byte);
  return to;
}

int memcmp(const void* a, const void* b, std::size_t size) noexcept {
  const auto* left = static_cast<const unsigned char*>(a);
  const auto* right = static_cast<const unsigned char*>(b);
  for (std::size_t i = 0; i < size; ++i) {
    if (left[i] != right[i]) return left[i] - right[i];
  }
  return 0;
}

int bcmp(const void* a, const void* b, std::size_t size) noexcept { return memcmp(a, b, size); }

std::size_t strlen(const char* text) noexcept {
  std::size_t size = 0;
  while (text[size] != '\0') ++size;
  return size;
}

void* memchr(const void* memory, int byte, std::size_t size) noexcept {
  // A word has a zero byte if this borrows from one that was not set.
  constexpr Word kOnes = ~Word{0} / 0xff;
  constexpr Word kHighs = kOnes << 7;
  const Word pattern = static_cast<unsigned char>(byte) * kOnes;
  const auto* bytes = static_cast<const unsigned char*>(memory);
  std::size_t at = 0;
#ifdef __SSE2__
  // The start reads whole files by it.
  const __m128i sixteen = _mm_set1_epi8(static_cast<char>(byte));
  for (; size - at >= sizeof(__m128i); at += sizeof(__m128i)) {
    const __m128i here = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + at));
    const int found = _mm_movemask_epi8(_mm_cmpeq_epi8(here, sixteen));
    if (found == 0) continue;
    return const_cast<unsigned char*>(bytes + at + std::countr_zero(static_cast<unsigned>(found)));
  }
#endif
  for (; size - at >= sizeof(Word); at += sizeof(Word)) {
    const Word word = word_at(memory, at) ^ pattern;
    const Word found = (word - kOnes) & ~word & kHighs;
    if (found == 0) continue;
    if constexpr (std::endian::native != std::endian::little) break;
    return const_cast<unsigned char*>(bytes + at + std::countr_zero(found) / 8);
  }
  for (; at < size; ++at) {
    if (bytes[at] == static_cast<unsigned char>(byte))
      return const_cast<unsigned char*>(bytes + at);
  }
  return nullptr;
}

char* strchr(const char* text, int byte) noexcept {
  for (; *text != static_cast<char>(byte); ++text) {
    if (*text == '\0') return nullptr;
  }
  return const_cast<char*>(text);
}

int strcmp(const char* a, const char* b) noexcept {
  while (*a != '\0' && *a == *b) ++a, ++b;
  return static_cast<unsigned char>(*a) - static_cast<unsigned char>(*b);
}

}  // extern "C"
