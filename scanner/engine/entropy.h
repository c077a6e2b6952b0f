/* SPDX-License-Identifier: GPL-3.0-or-later */
/* entropy.h - how random bytes look.  Private to the engine. */
#ifndef IV_ENGINE_ENTROPY_H
#define IV_ENGINE_ENTROPY_H

#include <stddef.h>
#include <stdint.h>

/* Shannon entropy of bytes, in bits per byte: 0 (all equal, or none) to 8. */
double iv_entropy(const uint8_t *data, size_t len);

#endif
