/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* intake: a turn of lines. Observations of the turn become durable in one transaction; only then
 * are they answered, and only then does the book hear of them. An act, or a line that a hearer judges
 * (hearers.h), ends the batch before it and is a transaction of its own. Answers to one client keep the order of its lines. */

struct keeper;

/* clients_turn_fn; user: struct keeper * */
void intake_turn(void *user);
