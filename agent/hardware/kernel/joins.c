/* SPDX-License-Identifier: Apache-2.0 */

/* Lines that tell of one error in turn, each of its own place: whose error it was. */

#include <stdio.h>
#include <string.h>

#include "hardware/kernel/rules.h"

/* The kernel gives up a page for an error that was told, with its module, just before. */
static void join_page(struct kernel_joins *joins, struct kernel_finding *f)
{
        if (strcmp(f->code, "dimm.uncorrected") != 0)
                return;
        if (strcmp(f->location, "unnamed") != 0)
                snprintf(joins->module, sizeof(joins->module), "%s", f->location);
        else if (*joins->module)
                snprintf(f->location, sizeof(f->location), "%s", joins->module);
}

/* "pcieport 0000:16:02.0: AER: Uncorrected (Non-Fatal) error received: 0000:17:00.0"; in newer kernels
 * "… error message received from 0000:17:00.0" */
void kernel_joins_follow(struct kernel_joins *joins, const char *message)
{
        const char *received = strstr(message, "received");

        if (!received || !strstr(message, ": AER: "))
                return;
        kernel_pci_address(message, joins->port, sizeof(joins->port));
        kernel_pci_address(received, joins->erred, sizeof(joins->erred));
}

/* The port could not bring back the device that erred below it. */
static void join_pcie(const struct kernel_joins *joins, struct kernel_finding *f)
{
        if (strcmp(f->code, "pcie.fatal") != 0 || !*joins->erred ||
            strcmp(f->location, joins->port) != 0)
                return;
        snprintf(f->location, sizeof(f->location), "%s", joins->erred);
        snprintf(f->device, sizeof(f->device), "%s", joins->erred);
}

void kernel_joins_use(struct kernel_joins *joins, struct kernel_finding *f)
{
        join_page(joins, f);
        join_pcie(joins, f);
}
