/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* csv: RFC 4180 that a spreadsheet may open: what it would take for a formula is marked as text. */

#include "vigie/text.h"

/* A cell of text, quoted, cleaned. */
void csv_text(struct vg_buf *buf, const char *text);
/* Between cells, and at the end of a row. */
void csv_comma(struct vg_buf *buf);
void csv_end(struct vg_buf *buf);
