/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* read-piece: the JSON of a piece into the values of an item, one function a scope. -EINVAL. */

#include <jansson.h>

struct item;
struct vg_err;

int piece_read_nothing(struct item *item, const json_t *piece, struct vg_err *err);
int piece_read_document(struct item *item, const json_t *piece, struct vg_err *err);
int piece_read_filters(struct item *item, const json_t *piece, struct vg_err *err);
int piece_read_mirrors(struct item *item, const json_t *piece, struct vg_err *err);
int piece_read_orphans(struct item *item, const json_t *piece, struct vg_err *err);
int piece_read_path(struct item *item, const json_t *piece, struct vg_err *err);
int piece_read_process(struct item *item, const json_t *piece, struct vg_err *err);
int piece_read_tenants(struct item *item, const json_t *piece, struct vg_err *err);
int piece_read_texts(struct item *item, const json_t *piece, struct vg_err *err);
