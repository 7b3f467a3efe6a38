// SPDX-License-Identifier: MIT
//
// A program that does nothing, built in every way that LD_PRELOAD does not reach.
#ifdef LOOKS_LIKE_GO
__attribute__((section(".go.buildinfo"), used)) static const char build_info[16] =
    "\xff Go buildinf:";
#endif

int main(void) { return 3; }
