// SPDX-License-Identifier: MIT
//
// Linked with early.c, which does its work before main.
extern int early_is_linked;

int main(void) { return early_is_linked ? 0 : 1; }
