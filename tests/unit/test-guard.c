/* SPDX-License-Identifier: Apache-2.0 */

/* What hangs is left out; what lies elsewhere is seen all the same, and goes on being seen. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "inspect/guard.h"
#include "os/evidence.h"
#include "vigie/err.h"
#include "vigie/mem.h"

static const char *const scopes[] = { "path", NULL };
static const char *const all[] = { "/a/1", "/dead/2", "/dead/3", "/b/4" };

struct look {
        const char *hangs; /* NULL: nothing does */
};

static void look(struct vg_evidence *evidence, struct guard *guard, void *user)
{
        const struct look *l = user;

        for (size_t i = 0; i < ELEMENTSOF(all); i++) {
                if (!guard_enter(guard, all[i]))
                        continue;
                if (l->hangs && strcmp(all[i], l->hangs) == 0)
                        pause();
                vg_evidence_put(evidence, json_pack("{s:s, s:s}", "key", all[i], "scope", "path"));
        }
}

static bool sees(const struct vg_evidence *evidence, const char *path)
{
        return vg_evidence_has(evidence, "path", path);
}

static double now_s(void)
{
        struct timespec ts;

        clock_gettime(CLOCK_MONOTONIC, &ts);
        return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void test_hang(void **state)
{
        struct vg_evidence *evidence;
        struct guard *guard;
        struct vg_err err = { 0 };
        struct look healthy = { NULL }, dead = { "/dead/2" };

        (void)state;
        assert_int_equal(vg_evidence_new(NULL, &evidence, &err), 0);
        assert_int_equal(guard_new(700, &guard, &err), 0);
        assert_int_equal(guard_run(guard, evidence, scopes, look, &healthy), 0);
        for (size_t i = 0; i < ELEMENTSOF(all); i++)
                assert_true(sees(evidence, all[i]));

        /* One hangs: what lies beside it is taken back, the rest stays. */
        assert_int_equal(guard_run(guard, evidence, scopes, look, &dead), 0);
        assert_true(sees(evidence, "/a/1") && sees(evidence, "/b/4"));
        assert_false(sees(evidence, "/dead/2") || sees(evidence, "/dead/3"));

        /* Known by now: nobody waits for it again. */
        const double begun = now_s();
        assert_int_equal(guard_run(guard, evidence, scopes, look, &dead), 0);
        assert_true(now_s() - begun < 0.7);
        assert_true(sees(evidence, "/b/4") && !sees(evidence, "/dead/3"));
        guard_free(guard);
        vg_evidence_free(evidence);
}

static void look_and_die(struct vg_evidence *evidence, struct guard *guard, void *user)
{
        (void)evidence;
        (void)guard;
        (void)user;
        _exit(3);
}

static void test_death(void **state)
{
        struct vg_evidence *evidence;
        struct guard *guard;
        struct vg_err err = { 0 };
        struct look healthy = { NULL };

        (void)state;
        assert_int_equal(vg_evidence_new(NULL, &evidence, &err), 0);
        assert_int_equal(guard_new(700, &guard, &err), 0);
        assert_int_equal(guard_run(guard, evidence, scopes, look, &healthy), 0);
        assert_true(guard_run(guard, evidence, scopes, look_and_die, NULL) < 0);
        assert_false(sees(evidence, "/a/1")); /* unknown, not as it was */
        guard_free(guard);
        vg_evidence_free(evidence);
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_hang),
                cmocka_unit_test(test_death),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
