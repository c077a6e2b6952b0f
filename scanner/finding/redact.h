/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * redact.h - the one door for raw secrets.
 *
 * Nothing but redact.c turns secret bytes into text that leaves the process.
 */
#ifndef IV_FINDING_REDACT_H
#define IV_FINDING_REDACT_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* What may be seen of a secret: a known public prefix (letters and punctuation
 * that the token format fixes, at most a quarter of it and at most 8 bytes),
 * then asterisks, then the length: "AKIA************ (20)".  A secret that
 * spans lines shows its first line's armour only ("-----BEGIN ... KEY-----").
 * A human-made password shows nothing.  `prefix_len` is how many first bytes
 * the rule's format fixes (0 when unknown).  The caller frees the result. */
char *iv_redact(const uint8_t *secret, size_t len, size_t prefix_len);

/* Could iv_redact() have made this text of a secret of len bytes, whose rule
 * fixes one of these first letters (NULL-terminated, or NULL: none, in any case of
 * letters)?  What a process says that may lie. */
bool iv_redacted_fits(const char *text, uint64_t len, const char *const *fixed);

/* A salt: what keeps a fingerprint from confirming a guessed password. */
#define IV_SALT_BYTES 32

/* HMAC-SHA256(salt, rule || 0 || path || 0 || secret), first 16 bytes as hex:
 * stable over rebuilds of an image, of no use for guessing without the salt.
 * path is the raw bytes ("" where no file owns them).  The caller frees it. */
char *iv_fingerprint(const uint8_t salt[IV_SALT_BYTES], const char *rule, const char *path,
		     const uint8_t *secret, size_t len);

/* Public name of a salt: first 8 bytes of SHA-256("imgvet salt" || salt) as
 * hex.  Lets the gate say that clearances were made with another salt. */
char *iv_salt_id(const uint8_t salt[IV_SALT_BYTES]);

/* 32 fresh bytes from the system's generator. */
void iv_salt_new(uint8_t salt[IV_SALT_BYTES]);

#endif
