/*
 * error.h - the one error domain of imgvet.
 *
 * Every fallible function takes a trailing GError ** and returns false or NULL
 * on failure.  The code says what a caller should do; the message, written
 * where most is known, says what happened, where, and (after the first
 * newline) what the user can do about it.  The command line prints the first
 * line as "imgvet: error: ..." and each further line as "imgvet: hint: ...".
 *
 * Messages never hold bytes of a secret and never hold raw image bytes:
 * names from an image go through iv_text_printable() first.
 */
#ifndef IV_BASE_ERROR_H
#define IV_BASE_ERROR_H

#include <glib.h>
#include <stdbool.h>

/* On the line above every function that can fail: dropping its result is a
 * warning.  Where that is meant, iv_ignore() says so, and a comment why. */
#define IV_MUST_CHECK G_GNUC_WARN_UNUSED_RESULT
static inline void iv_ignore(bool result)
{
	(void)result;
}

G_BEGIN_DECLS

#define IV_ERROR (iv_error_quark())

/* What a caller should do.  iv_error_exit_code() maps each to an exit code. */
typedef enum {
	IV_ERROR_USAGE,	      /* the command line is wrong (exit 2) */
	IV_ERROR_CONFIG,      /* a rule, policy, clearances or key file is wrong (exit 2) */
	IV_ERROR_IO,	      /* the operating system refused: no such file, EIO, disk full (exit 3) */
	IV_ERROR_CORRUPT,     /* bytes of an image or a report contradict their format (exit 3) */
	IV_ERROR_UNSUPPORTED, /* a format or feature that imgvet does not read (exit 3) */
	IV_ERROR_AMBIGUOUS,   /* a format that must not be guessed (exit 3) */
	IV_ERROR_LIMIT,	      /* a ceiling of limits.h was reached (exit 3) */
	IV_ERROR_CLOUD,	      /* the cloud refused or answered nonsense (exit 3) */
	IV_ERROR_REFUSED,     /* the gate, a check or the user said no (exit 1) */
} IvErrorCode;

GQuark iv_error_quark(void);

/* Process exit code for an error: 1, 2 or 3 as in the table above.  An error
 * of a foreign domain (GLib's own) is 3. */
int iv_error_exit_code(const GError *error);

/* Set *error and return false, so that "return iv_fail(...)" reads well. */
bool iv_fail(GError **error, IvErrorCode code, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* As iv_fail(), with ": " and strerror(errno) behind the first line. */
bool iv_fail_errno(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

G_END_DECLS

#endif
