/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* storage: which objects each domain's disks reach, under one name whatever a domain calls them.
 *
 *   a path that was seen     "ino:DEV:INO", "rdev:MAJOR:MINOR" for a device, "path:/where/it/leads"
 *   one that was not         "path:/as/written", made lexically canonical
 *   network                  "net:PROTOCOL:NAME@HOST:PORT", one key a host
 *   others                   "nvme:...", "vhostuser:...", "volume:POOL/NAME", "uri:..." */

#include "cluster.h"

/* Of the last two, key "loose:PROTOCOL:NAME": a network object with hosts, or without. */
enum { ROLE_READS, ROLE_WRITES, ROLE_CHAIN, ROLE_HOSTED, ROLE_HOSTLESS };

/* Where a path leads, as far as it was seen. */
struct place {
        const char *key;              /* as above */
        const char *path;             /* to show and to compare by prefix: resolved where seen */
        bool seen;                    /* there was evidence, and something is there */
        const struct path_fact *fact; /* NULL: no evidence */
};
struct place place_of(struct judge *j, const char *path);

/* "/a//b/../c" as "/a/c". */
const char *path_normal(struct arena *arena, const char *path);
/* path is prefix or below it, by components. */
bool path_is_under(const char *path, const char *prefix);

struct disk {
        uint32_t domain;
        const struct node *xml;
        const struct node *volume, *pool; /* documents; NULL: none is known */
        const char *where;                /* "disk vda" */
        const char *type; /* "file", "block", "network" ...: of what it is in the end */
        bool writes;
        struct place place; /* path "" where it is none */
};

struct storage {
        struct disk *disks;
        size_t n_disks, size_disks;
        struct uses uses;    /* of objects, with the roles above; part: the path or name */
        struct uses volumes; /* documents of volumes by place; part: POOL/NAME; sorted */
        const char **unseen; /* by domain: why not all of its objects are known; NULL: they are */
};

struct storage *storage_new(struct judge *j);
void storage_free(struct storage *storage);

/* objects.c: the objects of one <source> (or of a volume), into storage->uses. */
struct origin {
        uint32_t domain;
        uint8_t role;
        const char *where;
        bool is_raw; /* declared so: nothing in it names another image */
};
/* Path or "" in ret_place, where it is one. */
void objects_of_source(struct judge *j, const struct origin *origin, const char *type,
                       const struct node *source, struct place *ret_place);
/* The path, and what lies beneath, as the header of its image or a volume says. */
struct place objects_of_path(struct judge *j, const struct origin *origin, const char *path);
void objects_of_volume(struct judge *j, const struct origin *origin, const char *pool,
                       const char *name, struct disk *disk);
/* The volume that lies at a place, whatever a domain calls it: "POOL/NAME"; NULL: none is known. */
const char *volume_at(const struct judge *j, const char *key);
/* libvirt's words for where a volume is: NULL where it is no path. */
const char *volume_path(struct judge *j, const char *pool, const char *name);
