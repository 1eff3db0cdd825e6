/* SPDX-License-Identifier: Apache-2.0 */

/* What a register of tenants that is loaded is held to: each refusal says where, and what is expected. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "vigie/err.h"
#include "vigie/isolation.h"
#include "vigie/mem.h"

static const struct {
        const char *name, *text, *says; /* says NULL: accepted */
} rows[] = {
        { "the least", "{'tenants':{'a':{}}}", NULL },
        { "all of it",
          "{'tenants':{'a':{'compute':'dedicated','disk_encryption':'required',"
          "'memory_encryption':'optional','anti_spoof':'required','role':'provider'},'b':{}},"
          "'attribution':{'precedence':['map','pattern'],'map':{'u':'a'},"
          "'aliases':{'nova:p':'b'},'patterns':[['^a-','a']]},"
          "'public':{'images':['/srv/'],'networks':['n']},"
          "'policy':{'allow_tcg':1,'management_networks':['m'],'nested':['a']}}",
          NULL },
        { "nothing", "{}", "tenants" },
        { "nobody", "{'tenants':{}}", "tenants" },
        { "a list", "[]", "JSON" },
        { "a number of tenants", "{'tenants':5}", "tenants" },
        { "tenants as a list", "{'tenants':[{'id':'a'}]}", "tenants" },
        { "null tenants", "{'tenants':null}", "tenants" },
        { "a contract", "{'tenants':{'a':{}},'prices':[]}", "prices" },
        { "a tenant that is a word", "{'tenants':{'a':'shared'}}", "tenants.a" },
        { "a misspelt word", "{'tenants':{'a':{'compute':'dedicatd'}}}",
          "tenants.a.compute : attendu : shared|dedicated" },
        { "half a word", "{'tenants':{'a':{'compute':'ded'}}}", "tenants.a.compute" },
        { "both words", "{'tenants':{'a':{'compute':'shared|dedicated'}}}", "tenants.a.compute" },
        { "an empty word", "{'tenants':{'a':{'compute':''}}}", "tenants.a.compute" },
        { "a truth for a word", "{'tenants':{'a':{'disk_encryption':true}}}",
          "tenants.a.disk_encryption : attendu : required|optional" },
        { "memory", "{'tenants':{'a':{'memory_encryption':'yes'}}}",
          "tenants.a.memory_encryption" },
        { "spoofing", "{'tenants':{'a':{'anti_spoof':'on'}}}", "tenants.a.anti_spoof" },
        { "role", "{'tenants':{'a':{'role':'client'}}}",
          "tenants.a.role : attendu : customer|provider" },
        { "a key of a tenant", "{'tenants':{'a':{'computing':'shared'}}}",
          "tenants.a.computing : clé inconnue; attendu : anti_spoof, compute, " },
        { "attribution", "{'tenants':{'a':{}},'attribution':[]}", "attribution" },
        { "a key of attribution", "{'tenants':{'a':{}},'attribution':{'maps':{}}}",
          "attribution.maps" },
        { "map", "{'tenants':{'a':{}},'attribution':{'map':[]}}", "attribution.map" },
        { "a mapped number", "{'tenants':{'a':{}},'attribution':{'map':{'u':1}}}",
          "attribution.map" },
        { "a mapped stranger", "{'tenants':{'a':{}},'attribution':{'map':{'u':'b'}}}",
          "attribution.map.u : « b »" },
        { "an alias of a stranger", "{'tenants':{'a':{}},'attribution':{'aliases':{'one:1':'b'}}}",
          "attribution.aliases.one:1" },
        { "aliases", "{'tenants':{'a':{}},'attribution':{'aliases':'a'}}", "attribution.aliases" },
        { "patterns", "{'tenants':{'a':{}},'attribution':{'patterns':['^a']}}",
          "attribution.patterns" },
        { "a pattern of a stranger", "{'tenants':{'a':{}},'attribution':{'patterns':[['^a','b']]}}",
          "attribution.patterns" },
        { "precedence", "{'tenants':{'a':{}},'attribution':{'precedence':'map'}}",
          "attribution.precedence" },
        { "public", "{'tenants':{'a':{}},'public':{'images':'/srv'}}", "public.images" },
        { "networks", "{'tenants':{'a':{}},'public':{'networks':[1]}}", "public.networks" },
        { "a key of public", "{'tenants':{'a':{}},'public':{'disks':[]}}", "public.disks" },
        { "allow_tcg", "{'tenants':{'a':{}},'policy':{'allow_tcg':'yes'}}",
          "policy.allow_tcg : attendu : true|false|0|1" },
        { "allow_tcg twice", "{'tenants':{'a':{}},'policy':{'allow_tcg':2}}", "policy.allow_tcg" },
        { "management", "{'tenants':{'a':{}},'policy':{'management_networks':'m'}}",
          "policy.management_networks" },
        { "nested", "{'tenants':{'a':{}},'policy':{'nested':['b']}}", "policy.nested" },
        { "a key of policy", "{'tenants':{'a':{}},'policy':{'nest':[]}}", "policy.nest" },
};

/* Rows are easier to read without quotes that are escaped and spaces that do not break. */
static json_t *load(const char *text)
{
        char copy[1024];
        size_t n = 0;

        for (; text[n] && n + 1 < sizeof(copy); n++)
                copy[n] = text[n] == '\'' ? '"' : text[n];
        return json_loadb(copy, n, 0, NULL);
}

static void plain_spaces(const char *text, char *out)
{
        for (; *text; text++)
                if (strncmp(text, "\xc2\xa0", 2) == 0)
                        *out++ = *++text ? ' ' : '\0';
                else
                        *out++ = *text;
        *out = '\0';
}

static void every_refusal_says_where(_unused_ void **state)
{
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                char said[sizeof(((struct vg_err *)0)->text)] = "";
                struct vg_err err = { 0 };
                json_t *json = load(rows[i].text);
                assert_non_null(json);
                const int r = vg_register_check(json, &err);
                json_decref(json);
                plain_spaces(err.text, said);
                if (r != (rows[i].says ? -EINVAL : 0) ||
                    (rows[i].says && !strstr(said, rows[i].says)))
                        fail_msg("%s: %d, %s", rows[i].name, r, said);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_refusal_says_where),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
