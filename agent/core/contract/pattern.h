/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* pattern: the few regular expressions that the contract's schema is written with. Anchored at both
 * ends; literals, escapes, classes, groups with alternatives, and the quantifiers ? * + {n} {m,n}
 * (a group takes none but ?). Its own, because regcomp() knows the locale and not [^\s]. */

#include <stdbool.h>

/* text is well-formed UTF-8. A pattern outside this form is our mistake and asserts. */
bool pattern_matches(const char *pattern, const char *text);
