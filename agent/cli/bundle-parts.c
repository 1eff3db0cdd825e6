/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "cli/bundle.h"
#include "store/store.h"

int bundle_map(FILE *file, struct bundle_map *ret_map, struct vg_err *err)
{
        off_t size;

        if (fflush(file) != 0 || ferror(file) || fseeko(file, 0, SEEK_END) < 0 ||
            (size = ftello(file)) < 0)
                return vg_err_set(err, -EIO, "fichier de travail illisible : %s",
                                  vg_errno_text(errno));
        *ret_map = (struct bundle_map){ .n = (size_t)size };
        if (!size) /* nothing can be mapped, and nothing need be */
                return 0;
        ret_map->bytes = mmap(NULL, ret_map->n, PROT_READ, MAP_PRIVATE, fileno(file), 0);
        if (ret_map->bytes == MAP_FAILED) {
                *ret_map = (struct bundle_map){ 0 };
                return vg_err_set(err, -errno, "fichier de travail illisible : %s",
                                  vg_errno_text(errno));
        }
        return 0;
}

void bundle_unmap(struct bundle_map *map)
{
        if (map->bytes)
                munmap(map->bytes, map->n);
        *map = (struct bundle_map){ 0 };
}

int bundle_hash(const void *bytes, size_t n, struct vg_hash *ret_hash, struct vg_err *err)
{
        const struct vg_bytes part = { bytes, n };
        int r = store_hasher.sha256(store_hasher.ctx, &part, 1, ret_hash);

        return r < 0 ? vg_err_set(err, r, "condensat impossible") : 0;
}

/* RFC 9162, 2.1.3.2: how whoever checks walks up. */
void bundle_sides(uint64_t seq, uint64_t size, size_t n, bool *ret_is_left)
{
        uint64_t last = size - 1;

        for (size_t i = 0; i < n; i++) {
                ret_is_left[i] = (seq & 1) || seq == last;
                while (ret_is_left[i] && !(seq & 1) && seq) {
                        seq >>= 1;
                        last >>= 1;
                }
                seq >>= 1;
                last >>= 1;
        }
}
