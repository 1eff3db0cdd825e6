/* SPDX-License-Identifier: Apache-2.0 */

#include "hardware/capture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hardware/hardware.h"
#include "hardware/password.h"
#include "os/clock.h"
#include "os/loop.h"
#include "os/settings.h"
#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"
#include "vigie/num.h"

/* First all have looked, then all have stopped. */
struct capture {
        struct hardware hardware;
        sd_event *event;
        bool is_stopping;
};

static void on_idle(void *user)
{
        struct capture *capture = user;

        if (capture->is_stopping) {
                sd_event_exit(capture->event, 0);
                return;
        }
        capture->is_stopping = true;
        hardware_stop(&capture->hardware);
}

static int write_head(const struct hardware *hw, struct vg_err *err)
{
        _cleanup_(documents_done) struct documents documents = { 0 };
        _cleanup_(vg_json_done) struct vg_json j = { 0 };
        const struct vg_now now = vg_clock_now();
        char host[256] = "", at[32], boot[32];

        (void)gethostname(host, sizeof(host) - 1);
        vg_json_object(&j, NULL);
        vg_json_string(
                &j, "boot_time",
                vg_utc_format((now.at_utc_ns - (int64_t)now.at_boot_ns) / VG_NS_PER_S, boot));
        vg_json_string(&j, "captured_at", vg_utc_format(now.at_utc_ns / VG_NS_PER_S, at));
        vg_json_string(&j, "host", host);
        vg_json_end_object(&j);
        if (j.buf.failed || documents_put(&documents, "capture.json", j.buf.data, j.buf.n) < 0)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        return documents_write(&documents, hw->folder, err);
}

static int run(struct capture *capture, struct vg_err *err)
{
        int r = hardware_new(&capture->hardware, err);

        if (r == 0 && !capture->hardware.n_sources)
                return vg_err_set(err, -ENOENT, "[hardware] sources : aucune source");
        if (r == 0)
                r = sd_event_loop(capture->event);
        if (r == 0 && capture->hardware.capture_r < 0)
                return vg_err_set(err, capture->hardware.capture_r, "%s : écriture interrompue",
                                  capture->hardware.folder);
        return r < 0 ? r : write_head(&capture->hardware, err);
}

int hardware_capture(const struct vg_settings *settings, const char *folder, struct vg_err *err)
{
        _cleanup_(password_freep) char *password = NULL;
        struct capture capture = { 0 };
        int r;

        if (mkdir(folder, 0700) < 0 &&
            (errno != EEXIST || rmdir(folder) < 0 || mkdir(folder, 0700) < 0))
                return vg_err_set(err, -errno, "%s : %s", folder, vg_errno_text(errno));
        r = password_read(settings, &password, err);
        if (r == 0)
                r = vg_loop_new(&capture.event, err);
        if (r < 0)
                return r;
        capture.hardware = (struct hardware){
                .settings = settings,
                .event = capture.event,
                .root = "",
                .password = password,
                .folder = folder,
                .idle = on_idle,
                .idle_user = &capture,
        };
        r = run(&capture, err);
        hardware_done(&capture.hardware);
        sd_event_unref(capture.event);
        return r;
}
