/* SPDX-License-Identifier: MIT
 *
 * A library that is linked for an address of its own choice: of two that choose the same, one is
 * moved to a lower address. */
int PLACED(void);
int PLACED(void) { return 7; }
