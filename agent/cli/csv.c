/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/csv.h"

#include <string.h>

void csv_text(struct vg_buf *buf, const char *text)
{
        char clean[1024];

        vg_buf_puts(buf, *text && strchr("=+-@\t\r", *text) ? "\"'" : "\"");
        for (vg_text_clean(text, strlen(text), clean, sizeof(clean)), text = clean; *text; text++)
                vg_buf_append(buf, *text == '"' ? "\"\"" : text, *text == '"' ? 2 : 1);
        vg_buf_puts(buf, "\"");
}

void csv_comma(struct vg_buf *buf)
{
        vg_buf_puts(buf, ",");
}

void csv_end(struct vg_buf *buf)
{
        vg_buf_puts(buf, "\r\n");
}
