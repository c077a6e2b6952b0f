/* SPDX-License-Identifier: GPL-3.0-or-later */
/* error.c - see error.h */
#include "scanner/base/error.h"

#include <errno.h>

/* Several threads may meet their first error at once, which G_DEFINE_QUARK()'s plain
 * variable does not allow. */
GQuark iv_error_quark(void)
{
	static gsize quark;

	if (g_once_init_enter(&quark))
		g_once_init_leave(&quark, (gsize)g_quark_from_static_string("imgvet-error-quark"));
	return (GQuark)quark;
}

int iv_error_exit_code(const GError *error)
{
	if (error == NULL || error->domain != IV_ERROR)
		return 3;
	switch ((IvErrorCode)error->code) {
	case IV_ERROR_REFUSED:
		return 1;
	case IV_ERROR_USAGE:
	case IV_ERROR_CONFIG:
		return 2;
	default:
		return 3;
	}
}

bool iv_fail(GError **error, IvErrorCode code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (error != NULL)
		*error = g_error_new_valist(IV_ERROR, (gint)code, format, args);
	va_end(args);
	return false;
}

bool iv_fail_errno(GError **error, const char *format, ...)
{
	int saved = errno;
	g_autofree char *what = NULL;
	va_list args;

	va_start(args, format);
	what = g_strdup_vprintf(format, args);
	va_end(args);
	return iv_fail(error, IV_ERROR_IO, "%s: %s", what, g_strerror(saved));
}
