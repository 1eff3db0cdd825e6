/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* words: the file's words as numbers, and which of them go together. */

#include <stdbool.h>

#include "vigie/contract.h"

/* By the name of the list; the schema has let nothing else through (else it asserts). */
enum vg_charge word_charge(const char *name);
enum vg_unit word_unit(const char *name);
enum vg_metric word_metric(const char *name);
enum vg_basis word_basis(const char *name);
enum vg_role word_role(const char *name);
enum vg_severity word_severity(const char *name);
enum vg_alert_class word_class(const char *name);
enum vg_channel word_channel(const char *name);
enum vg_component_kind word_kind(const char *name);
enum vg_exit_decision word_exit(const char *name);
enum vg_termination_reason word_termination(const char *name);
int word_day(const char *name); /* 0: Monday */

/* Units in which a charge may be priced, as bits. */
unsigned word_units_of(enum vg_charge charge);
/* Classes of which some alert may reach a role, as bits (spec: the catalogue's audiences). 0: none. */
unsigned word_classes_of(enum vg_role role);
/* The unit in which the meter counts a resource; NULL: not one of the meter's. */
const char *word_unit_of(const char *resource);
