/* SPDX-License-Identifier: Apache-2.0 */

/* Where the agent may connect to: approved by name and port, or no longer. The settings must list it
 * as well (vigie/egress.h); neither alone opens anything. */

#include <string.h>

#include "keeper/acts.h"
#include "keeper/keeper.h"
#include "os/lang.h"
#include "store/store.h"
#include "vigie/egress.h"
#include "vigie/json.h"
#include "vigie/mem.h"

struct finding {
        const char *endpoint;
        bool found, is_public_cloud;
};

static int find(void *ctx, const struct store_approval *approval)
{
        struct finding *finding = ctx;

        if (strcmp(approval->endpoint, finding->endpoint) == 0) {
                finding->found = true;
                finding->is_public_cloud = approval->is_public_cloud;
        }
        return 0;
}

static int read_endpoint(struct act *act, char endpoint[VG_ENDPOINT_SIZE], struct finding *finding,
                         struct vg_err *err)
{
        const char *text;
        int r = act_text(act, "endpoint", VG_ENDPOINT_SIZE, &text, err);

        if (r != 0)
                return r;
        if (vg_endpoint_parse(text, endpoint) < 0)
                return act_refuse(act, err, "bad-body", N_("hôte:port attendu : %s"), text);
        *finding = (struct finding){ .endpoint = endpoint };
        return store_approval_each(act->keeper->store, find, finding, err);
}

int act_egress_approve(struct act *act, struct vg_err *err)
{
        struct vg_json detail = { 0 };
        char endpoint[VG_ENDPOINT_SIZE];
        struct finding finding;
        int64_t is_public_cloud = 0;
        int r = read_endpoint(act, endpoint, &finding, err);

        if (r != 0)
                return r;
        (void)vg_json_get_int(act->request->body, "public_cloud", &is_public_cloud);
        is_public_cloud = is_public_cloud != 0;
        const bool unchanged = finding.found && finding.is_public_cloud == is_public_cloud;
        vg_buf_printf(&act->result, "{\"unchanged\":%d}", unchanged);
        if (unchanged)
                return 0;
        vg_json_object(&detail, NULL);
        vg_json_string(&detail, "endpoint", endpoint);
        vg_json_int(&detail, "public_cloud", is_public_cloud);
        vg_json_end_object(&detail);
        return act_record(act, &detail, err);
}

int act_egress_revoke(struct act *act, struct vg_err *err)
{
        struct vg_json detail = { 0 };
        char endpoint[VG_ENDPOINT_SIZE];
        struct finding finding;
        int r = read_endpoint(act, endpoint, &finding, err);

        if (r != 0)
                return r;
        if (!finding.found)
                return act_refuse(act, err, "no-such-approval", N_("%s : pas approuvé"), endpoint);
        vg_json_object(&detail, NULL);
        vg_json_string(&detail, "endpoint", endpoint);
        vg_json_end_object(&detail);
        return act_record(act, &detail, err);
}
