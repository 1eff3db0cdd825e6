/* SPDX-License-Identifier: Apache-2.0 */

/* The book's memory as canonical JSON, and back. Numbers that are zero and texts that are empty are
 * left out.
 *
 * {"host","slots":[{texts, numbers, "entries":[{…, "claims":[{…, "moments":[[at,count]]}]}],
 *  "seen":[…]}],"sources":[…],"v":1} */

#include <errno.h>
#include <stdlib.h>

#include "core/fault/room.h"
#include "core/fault/shapes.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"

/* ---- saving ---- */

static int64_t number_of(const void *at, enum type type)
{
        return type == NUMBER ? *(const int64_t *)at
               : type == FLAG ? *(const bool *)at
                              : *(const int *)at;
}

static void write_object(struct vg_json *j, const struct shape *shape, const void *object);

static void write_list(struct vg_json *j, const struct field *f, const void *at, size_t n)
{
        const char *elements = *(const char *const *)at;

        vg_json_array(j, f->name);
        for (size_t i = 0; i < n; i++) {
                vg_json_object(j, NULL);
                write_object(j, f->shape,
                             f->type == POINTERS ? ((const void *const *)(const void *)elements)[i]
                                                 : elements + i * f->shape->size);
                vg_json_end_object(j);
        }
        vg_json_end_array(j);
}

static void write_moments(struct vg_json *j, const char *name, const struct moment *moments,
                          size_t n)
{
        if (!n)
                return;
        vg_json_array(j, name);
        for (size_t i = 0; i < n; i++) {
                vg_json_array(j, NULL);
                vg_json_int(j, NULL, moments[i].at_s);
                vg_json_int(j, NULL, moments[i].count);
                vg_json_end_array(j);
        }
        vg_json_end_array(j);
}

static void write_field(struct vg_json *j, const struct field *f, const void *object)
{
        const void *at = (const char *)object + f->offset;
        const void *n_at = (const char *)object + f->offset_n;

        switch (f->type) {
        case TEXT:
                if (**(const char *const *)at)
                        vg_json_string(j, f->name, *(const char *const *)at);
                break;
        case NUMBER:
        case FLAG:
        case SMALL:
                if (number_of(at, f->type))
                        vg_json_int(j, f->name, number_of(at, f->type));
                break;
        case CODE:
                vg_json_string(j, f->name, (*(const struct vg_fault_code *const *)at)->id);
                break;
        case MOMENTS:
                write_moments(j, f->name, *(const struct moment *const *)at, *(const size_t *)n_at);
                break;
        case LIST:
        case POINTERS:
                write_list(j, f, at, *(const size_t *)n_at);
                break;
        }
}

static void write_object(struct vg_json *j, const struct shape *shape, const void *object)
{
        for (size_t i = 0; i < shape->n; i++)
                write_field(j, &shape->fields[i], object);
}

int vg_fault_book_save(const struct vg_fault_book *book, struct vg_buf *buf, struct vg_err *err)
{
        _cleanup_(vg_json_done) struct vg_json j = { 0 };

        vg_json_object(&j, NULL);
        write_object(&j, &book_shape, book);
        vg_json_int(&j, "v", 1);
        vg_json_end_object(&j);
        vg_buf_append(buf, j.buf.data, j.buf.n);
        return j.buf.failed || buf->failed ? vg_err_set(err, -ENOMEM, "mémoire épuisée") : 0;
}

/* ---- loading ---- */

struct loading {
        struct vg_fault_book *book;
        struct vg_err *err;
};

static int wrong(const struct loading *l, const char *name)
{
        return vg_err_set(l->err, -EINVAL, "mémoire des défaillances : %s", name);
}

static int load_object(const struct loading *l, const json_t *tree, const struct shape *shape,
                       void *object);

/* Room for one more at *list; where it is, or NULL. */
static void *grow(const struct loading *l, void *list_at, size_t *n, size_t size)
{
        void **list = list_at;
        void *bigger = book_grow(l->book, *list, n, size);

        if (!bigger)
                return NULL;
        *list = bigger;
        return (char *)bigger + (*n - 1) * size;
}

static int load_list(const struct loading *l, const json_t *tree, const struct field *f, void *at,
                     size_t *n)
{
        const json_t *list = json_object_get(tree, f->name);
        int r = 0;

        for (size_t i = 0; i < json_array_size(list) && r == 0; i++) {
                void *element =
                        grow(l, at, n, f->type == POINTERS ? sizeof(void *) : f->shape->size);

                if (element && f->type == POINTERS)
                        element = *(void **)element = calloc(1, f->shape->size);
                r = element ? load_object(l, json_array_get(list, i), f->shape, element) : -ENOMEM;
        }
        return r;
}

static int load_moments(const struct loading *l, const json_t *list, void *at, size_t *n)
{
        for (size_t i = 0; i < json_array_size(list); i++) {
                const json_t *pair = json_array_get(list, i);
                struct moment *moment;

                if (json_array_size(pair) != 2 || !json_is_integer(json_array_get(pair, 0)) ||
                    !json_is_integer(json_array_get(pair, 1)) || i >= MOMENTS_MAX)
                        return wrong(l, "moments");
                moment = grow(l, at, n, sizeof(*moment));
                if (!moment)
                        return -ENOMEM;
                moment->at_s = json_integer_value(json_array_get(pair, 0));
                moment->count = json_integer_value(json_array_get(pair, 1));
        }
        return 0;
}

static int load_number(const struct loading *l, const json_t *tree, const struct field *f, void *at)
{
        int64_t value = 0;
        const int r = vg_json_get_int(tree, f->name, &value);

        if (r == -EINVAL || (f->type == SMALL && (value < 0 || value > f->max)))
                return wrong(l, f->name);
        if (f->type == NUMBER)
                *(int64_t *)at = value;
        else if (f->type == FLAG)
                *(bool *)at = value != 0;
        else
                *(int *)at = (int)value;
        return 0;
}

static int load_text(const struct loading *l, const json_t *tree, const struct field *f, void *at)
{
        const char *text = "";

        if (vg_json_get_string(tree, f->name, &text) == -EINVAL)
                return wrong(l, f->name);
        if (f->type == CODE) {
                const struct vg_fault_code *code = vg_fault_code_find(text);

                *(const struct vg_fault_code **)at = code;
                return code ? 0 : wrong(l, f->name);
        }
        book_set(l->book, at, text);
        return l->book->failed ? -ENOMEM : 0;
}

static int load_field(const struct loading *l, const json_t *tree, const struct field *f,
                      void *object)
{
        void *at = (char *)object + f->offset;
        size_t *n = (size_t *)(void *)((char *)object + f->offset_n);

        switch (f->type) {
        case TEXT:
        case CODE:
                return load_text(l, tree, f, at);
        case MOMENTS:
                return load_moments(l, json_object_get(tree, f->name), at, n);
        case LIST:
        case POINTERS:
                return load_list(l, tree, f, at, n);
        case NUMBER:
        case FLAG:
        case SMALL:
                break;
        }
        return load_number(l, tree, f, at);
}

static int load_object(const struct loading *l, const json_t *tree, const struct shape *shape,
                       void *object)
{
        int r = json_is_object(tree) ? 0 : wrong(l, shape->fields[0].name);

        for (size_t i = 0; i < shape->n && r == 0; i++)
                r = load_field(l, tree, &shape->fields[i], object);
        return r;
}

int vg_fault_book_load(const json_t *tree, struct vg_fault_book **ret_book, struct vg_err *err)
{
        _cleanup_(vg_fault_book_freep) struct vg_fault_book *book = NULL;
        struct loading l = { .err = err };
        const char *host;
        int64_t version;
        int r;

        if (vg_json_get_string(tree, "host", &host) < 0 ||
            vg_json_get_int(tree, "v", &version) < 0 || version != 1)
                return wrong(&l, "host, v");
        r = vg_fault_book_new(host, &book);
        l.book = book;
        if (r == 0)
                r = load_object(&l, tree, &book_shape, book);
        for (size_t i = 0; r == 0 && i < book->n_slots; i++)
                if (!vg_class_find(book->slots[i]->component_class))
                        r = wrong(&l, "class");
        if (r < 0)
                return r;
        *ret_book = TAKE_PTR(book);
        return 0;
}
