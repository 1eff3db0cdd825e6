/* SPDX-License-Identifier: Apache-2.0 */

#include "hypervisor/outbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "os/keeper.h"
#include "os/log.h"

struct letter {
        struct letter *next;
        const char *kind; /* a literal */
        struct vg_now at;
        size_t n;
        char body[];
};

void outbox_await(struct outbox *outbox, uint64_t boot_ns)
{
        if (outbox->n_awaited == outbox->size_awaited) {
                size_t size = outbox->size_awaited ? outbox->size_awaited * 2 : 16;
                uint64_t *awaited = realloc(outbox->awaited, size * sizeof(*awaited));
                if (!awaited) {
                        outbox_give_up(outbox); /* out of order rather than out of memory */
                        return;
                }
                outbox->awaited = awaited;
                outbox->size_awaited = size;
        }
        outbox->awaited[outbox->n_awaited++] = boot_ns;
}

void outbox_arrived(struct outbox *outbox)
{
        if (!outbox->n_awaited)
                return;
        outbox->n_awaited--;
        memmove(outbox->awaited, outbox->awaited + 1, outbox->n_awaited * sizeof(uint64_t));
}

static uint64_t oldest_awaited(const struct outbox *outbox)
{
        uint64_t oldest = UINT64_MAX;

        for (size_t i = 0; i < outbox->n_awaited; i++)
                if (outbox->awaited[i] < oldest)
                        oldest = outbox->awaited[i];
        return oldest;
}

void outbox_release(struct outbox *outbox)
{
        const uint64_t oldest = oldest_awaited(outbox);

        while (outbox->first && outbox->first->at.at_boot_ns < oldest) {
                struct letter *letter = outbox->first;
                outbox->first = letter->next;
                int r = vg_keeper_send(outbox->keeper, letter->kind, &letter->at, letter->body,
                                       letter->n, NULL);
                if (r < 0)
                        vg_log(LOG_ERR, "observation « %s » perdue : %s", letter->kind,
                               strerror(-r));
                free(letter);
        }
}

void outbox_give_up(struct outbox *outbox)
{
        outbox->n_awaited = 0;
        outbox_release(outbox);
}

void outbox_done(struct outbox *outbox)
{
        while (outbox->first) {
                struct letter *letter = outbox->first;
                outbox->first = letter->next;
                free(letter);
        }
        free(outbox->awaited);
        *outbox = (struct outbox){ 0 };
}

static int64_t keep(struct outbox *outbox, const char *kind, const struct vg_now *at,
                    const char *body, size_t n_body)
{
        struct letter *letter = malloc(sizeof(*letter) + n_body), **where = &outbox->first;

        if (!letter)
                return -ENOMEM;
        *letter = (struct letter){ .kind = kind, .at = *at, .n = n_body };
        memcpy(letter->body, body, n_body);
        while (*where && (*where)->at.at_boot_ns <= at->at_boot_ns)
                where = &(*where)->next;
        letter->next = *where;
        *where = letter;
        return 0;
}

int64_t outbox_send(struct outbox *outbox, const char *kind, const struct vg_now *at,
                    const char *body, size_t n_body)
{
        uint64_t seq;

        if (at->at_boot_ns >= oldest_awaited(outbox))
                return keep(outbox, kind, at, body, n_body);

        int r = vg_keeper_send(outbox->keeper, kind, at, body, n_body, &seq);
        return r < 0 ? r : (int64_t)seq;
}
