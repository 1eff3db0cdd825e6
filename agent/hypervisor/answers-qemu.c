/* SPDX-License-Identifier: Apache-2.0 */

/* answers-qemu: what QEMU alone knows, and who does not answer. */

#include <stdlib.h>
#include <string.h>

#include "hypervisor/answers.h"
#include "hypervisor/reader.h"
#include "os/log.h"
#include "vigie/mem.h"

enum { PATIENCE_TIMES = 2 };
#define PATIENCE_MOST_NS (5 * UINT64_C(1000000000))
#define LATE_MOST_NS (15 * UINT64_C(1000000000))

static void tell_stuck(struct reader *reader, struct domain *domain, bool is_stuck,
                       const struct vg_now *at)
{
        const char *name = domain->facts ? domain->facts->name : domain->uuid;

        if (domain->is_stuck == is_stuck)
                return;
        domain->is_stuck = is_stuck;
        observe_domain_stuck(&reader->outbox, at, domain->uuid, is_stuck);
        if (is_stuck)
                vg_log(LOG_WARNING,
                       "domaine %s : QEMU ne répond plus, ses disques ne sont pas mesurés", name);
        else
                vg_log(LOG_NOTICE, "domaine %s : QEMU répond de nouveau", name);
}

static void count_blocks(struct reader *reader, const struct look *look, const struct sight *sight,
                         struct domain *domain)
{
        for (size_t i = 0; i < sight->n_blocks; i++) {
                const struct block *block = &look->seen.blocks[sight->first_block + i];
                if (!block->has_counters || !block->target[0])
                        continue;
                uint32_t generation = devices_count(&domain->devices, DEVICE_DISK, block->target,
                                                    block->rd_bytes, block->wr_bytes);
                if (!generation)
                        continue;
                readings_count_device(&reader->readings, "rd", block->target, generation,
                                      block->rd_bytes);
                readings_count_device(&reader->readings, "wr", block->target, generation,
                                      block->wr_bytes);
        }
}

/* A disk that grew, a balloon that moved: allocated from now on. */
static bool take_sizes(const struct look *look, const struct sight *sight, struct facts *facts)
{
        bool news = false;

        for (size_t i = 0; i < sight->n_blocks; i++) {
                const struct block *block = &look->seen.blocks[sight->first_block + i];
                struct disk *disk = facts_disk(facts, block->target);
                uint64_t kib = block->capacity_bytes / 1024;
                if (!disk || !block->has_capacity || (disk->sized && disk->capacity_kib == kib))
                        continue;
                disk->capacity_kib = kib;
                disk->sized = true;
                news = true;
        }
        if (sight->answered && sight->balloon_kib && facts->memory_kib != sight->balloon_kib) {
                facts->memory_kib = sight->balloon_kib;
                news = true;
        }
        return news;
}

/* A snapshot of a domain that runs puts another file under its disk, and no event says so. */
static void take_digest(struct reader *reader, const struct look *look, const struct sight *sight,
                        struct domain *domain)
{
        const uint64_t before = domain->blocks_digest;

        domain->blocks_digest = sight->blocks_digest;
        if (before && before != sight->blocks_digest)
                answers_ask_missed(reader, domain->uuid, &look->at);
}

static void take_blocks(struct reader *reader, const struct look *look, const struct sight *sight,
                        struct domain *domain)
{
        if (!sight->answered) {
                domain->n_skipped++;
                if (domain->n_skipped > 1 || calls_has_stuck(reader->calls, &kind_qemu) ||
                    calls_has_stuck(reader->calls, &kind_pass))
                        tell_stuck(reader, domain, true, &look->at);
                return;
        }
        domain->n_skipped = 0;
        tell_stuck(reader, domain, false, &look->at);
        if (domain->facts_boot_ns < look->at.at_boot_ns && take_sizes(look, sight, domain->facts)) {
                domain->facts_boot_ns = look->at.at_boot_ns;
                observe_domain(&reader->outbox, &look->at, domain, "event");
        }
        take_digest(reader, look, sight, domain);
        count_blocks(reader, look, sight, domain);
}

static void take_qemu(struct reader *reader, const struct look *look, const struct sight *sight,
                      struct domain *domain)
{
        take_blocks(reader, look, sight, domain);
        kernel_count_told(reader, &look->seen, sight, domain);
        readings_domain(&reader->readings, domain->uuid, domain->run.id);
}

/* A host that is slow as a whole is no host with a hung QEMU: wait in proportion to what the last
 * answer took. */
void learn_patience(struct reader *reader, const struct call *call)
{
        const uint64_t usual_ns = reader->settings->call_deadline_s * UINT64_C(1000000000);
        uint64_t wanted = PATIENCE_TIMES * call->took_ns;

        if (wanted > PATIENCE_MOST_NS)
                wanted = PATIENCE_MOST_NS;
        reader->patience_ns = wanted > usual_ns ? wanted : 0;
}

void answers_qemu(struct call *call, void *user)
{
        struct look *look = (struct look *)call;
        struct reader *reader = user;

        if (call->r < 0) {
                reader_failed(reader, call);
                return;
        }
        learn_patience(reader, call);
        if (!reader->is_ok || !look->asked_qemu || look->at.at_boot_ns <= reader->qemu_boot_ns)
                return;
        reader->qemu_boot_ns = look->at.at_boot_ns;
        readings_begin(&reader->readings, &reader->outbox, &look->at, "qemu");
        for (size_t i = 0; i < look->seen.n; i++) {
                const struct sight *sight = &look->seen.rows[i];
                struct domain *domain = domains_find(&reader->domains, sight->uuid);
                /* Of another run than the one we know: the event for it is on its way. */
                if (domain && domain->facts && run_is_some(&domain->run) &&
                    run_is_settled(&domain->run) && domain->run.libvirt_id == sight->libvirt_id)
                        take_qemu(reader, look, sight, domain);
        }
        readings_end(&reader->readings);
        reader->is_bulky = true;
}

/* Past its deadline. Of use where nothing newer is known: its stamp is from before it was asked. */
void answers_qemu_late(struct call *call, void *user)
{
        struct reader *reader = user;

        if (call->r == 0 && call->took_ns < LATE_MOST_NS)
                answers_qemu(call, reader);
}

/* Past a long deadline: the host is slow, and asking twice makes it no faster. */
struct call *answers_qemu_again(const struct call *call)
{
        return call->patience_ns ? NULL : look_again(call);
}
