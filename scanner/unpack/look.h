/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * look.h - one look at every byte: where may something packed or encoded be?
 * Private to scanner/unpack/.
 *
 * Three questions are asked of 64 bytes while they are in the processor's registers, as
 * three passes over a disk cost three times as much.  Where one says "perhaps" (2 to 20
 * of 100 looks at a usual disk), magic.c, encoded.c or wide.c look closer; it never says no
 * where they would say yes.
 *
 * - Marks: IV_LOOK_MARK bytes of each mark, at every offset.  The marks are put into eight
 *   groups; for each of these bytes a table says in which groups it may stand there, and
 *   a group that all of them agree on is left.  No processor looks up whole bytes in
 *   vectors: seven bits of them, or their halves, which lets a little more pass.
 * - Letters: IV_LOOK_LETTERS letters of base64, at a multiple of eight bytes from where the
 *   looks began.  A stretch of 39 letters covers one such place, wherever it lies.
 * - Wide: 32 bytes in which zeros come in turn, as in text of two or four bytes a letter.
 */
#ifndef IV_UNPACK_LOOK_H
#define IV_UNPACK_LOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of one look, and those of a mark. */
#define IV_LOOK_BYTES 64u
#define IV_LOOK_MARK  4u
/* Letters in a row that make the place worth a closer look, and wide bytes. */
#define IV_LOOK_LETTERS 32u
#define IV_LOOK_WIDE	32u

/* Bit g of a table's byte is for group g of the marks: may this be byte n of one? */
typedef struct {
	uint8_t seven[IV_LOOK_MARK][128]; /* by its lower seven bits */
	uint8_t low[IV_LOOK_MARK][16];	  /* by its lower half, and */
	uint8_t high[IV_LOOK_MARK][16];	  /* by its upper half; other groups than those of `seven` */
	uint8_t others[128];		  /* not 0: no letter, though these seven bits are all */
} IvLookMarks;

/* A-Z a-z 0-9 + / and, for URLs, - and _: bit c of four words. */
static inline bool iv_is_letter(uint8_t c)
{
	static const uint64_t letters[4] = {UINT64_C(0x03ffa80000000000),
					    UINT64_C(0x07fffffe87fffffe)};

	return letters[c >> 6] >> (c & 63) & 1;
}

/* Bytes of a mark, 1 to IV_LOOK_MARK of them. */
typedef struct {
	uint8_t bytes[IV_LOOK_MARK];
	uint8_t n;
} IvLookMark;

/* Put the marks into groups, such that little else passes. */
void iv_look_marks_make(IvLookMarks *marks, const IvLookMark *list, size_t n);

/* What one look saw.  Begin with all 0 but `next`. */
typedef struct {
	size_t at;	/* of its first byte */
	size_t next;	/* where to go on */
	uint64_t marks; /* bit i: a mark may stand at at + i */
	/* Bit g: IV_LOOK_LETTERS letters stand at at - 24 + 8 * g. */
	uint8_t letters;
	uint8_t wide;	/* bit h: from at + 32 * h on bytes may be wide letters */
	uint16_t words; /* private: bit g: eight letters, of the look before and this one */
} IvLook;

/* Look at data[look->next, end), up to where something may be: false when nothing more
 * is.  Reads within data[0, size); end <= size. */
typedef bool (*IvLookNext)(const IvLookMarks *marks, const uint8_t *data, size_t size, size_t end,
			   IvLook *look);

/* The fastest that this processor has. */
IvLookNext iv_look_next(void);

/* All of them, for a test: the n-th, or NULL behind the last.  *here: this processor
 * has it. */
IvLookNext iv_look_kernel(unsigned n, const char **name, bool *here);

#endif
