/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* crypto: what crypto.c and key.c share. */

#include <openssl/types.h>

#include "store/store.h"

struct store_key {
        EVP_PKEY *pkey;
        uint8_t public_key[VG_PUBLIC_KEY_SIZE];
};
