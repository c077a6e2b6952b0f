/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * inside.h - what begins with a mark inside something else.  Private to
 * scanner/unpack/.
 *
 * At every byte, so what follows a mark has to be of its format to some 50 bits, and
 * where programs and texts only name the mark, more: gzip and zlib have to inflate.
 */
#ifndef IV_UNPACK_INSIDE_H
#define IV_UNPACK_INSIDE_H

#include "scanner/unpack/look.h"
#include "scanner/unpack/pieces.h"

/* The marks that are looked for. */
const IvLookMarks *iv_inside_marks(void);

/* A mark may stand at data[at]: does something packed begin around it? */
void iv_inside_at(IvPieces *pieces, size_t at);

#endif
