// SPDX-License-Identifier: MIT
//
// A library to hold ours against: what it costs to preload anything at all.
int empty_preload_holds_nothing = 0;
