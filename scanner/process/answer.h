/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * answer.h - what a child process says, record by record, through a pipe.
 *
 * A record is its kind (one byte), the length of its bytes (32 bits, little-
 * endian), and the bytes.  Records may have any kind below IV_ANSWER_KINDS; an
 * answer ends with one that says that it was all, or with an error.  Nothing may
 * follow that.
 *
 * The writer is the child.  The reader is its parent, which takes every record
 * as hostile: it holds one at a time, of IV_MAX_RECORD_BYTES at most, and no more
 * than IV_MAX_ANSWER_BYTES of them all.
 */
#ifndef IV_PROCESS_ANSWER_H
#define IV_PROCESS_ANSWER_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "scanner/base/error.h"

#define IV_ANSWER_KINDS 0x80u

/* --- the child's side ---------------------------------------------------------------- */

typedef struct IvAnswer IvAnswer;

/* Writes to fd, which stays the caller's. */
IvAnswer *iv_answer_new(int fd);
void iv_answer_free(IvAnswer *answer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvAnswer, iv_answer_free)

/* IV_ERROR_LIMIT when the record or the whole would be too long, IV_ERROR_IO when
 * nobody reads. */
IV_MUST_CHECK
bool iv_answer_add(IvAnswer *answer, uint8_t kind, const void *bytes, size_t len, GError **error);

/* Say that this was all; or what went wrong, instead of the rest. */
IV_MUST_CHECK
bool iv_answer_end(IvAnswer *answer, GError **error);
IV_MUST_CHECK
bool iv_answer_fail(IvAnswer *answer, const GError *why);

/* Bytes that a record of len bytes takes of IV_MAX_ANSWER_BYTES. */
uint64_t iv_answer_cost(size_t len);

/* --- the parent's side --------------------------------------------------------------- */

/* One record.  False with an error refuses it and the whole answer. */
typedef bool (*IvAnswerTake)(void *user, uint8_t kind, const uint8_t *bytes, size_t len,
			     GError **error);

typedef struct IvAnswerReader IvAnswerReader;

IvAnswerReader *iv_answer_reader_new(IvAnswerTake take, void *user);
void iv_answer_reader_free(IvAnswerReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvAnswerReader, iv_answer_reader_free)

/* The next bytes of the answer, in pieces of any size.  IV_ERROR_CORRUPT for what
 * is no answer, IV_ERROR_LIMIT for too much of it; otherwise what `take` says. */
IV_MUST_CHECK
bool iv_answer_feed(IvAnswerReader *reader, const uint8_t *bytes, size_t len, GError **error);

/* Nothing more comes.  False when the answer was not complete (IV_ERROR_IO), or
 * with the error that the child sent: its code, and its text fit for a terminal. */
IV_MUST_CHECK
bool iv_answer_close(IvAnswerReader *reader, GError **error);

#endif
