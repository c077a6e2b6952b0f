/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_unpack.c - any bytes as the gzip tar of an exported disk.
 *
 * What is taken has the size that was said, at least one byte and at most the
 * limit; what is refused says why.
 */
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "scanner/disk/unpack.h"

#define LIMIT (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int in = memfd_create("in", MFD_CLOEXEC), out = memfd_create("out", MFD_CLOEXEC);
	g_autoptr(GError) error = NULL;
	uint64_t made = 0;

	g_assert_true(in >= 0 && out >= 0);
	g_assert_cmpint(pwrite(in, data, size, 0), ==, (gssize)size);
	if (iv_unpack(in, out, LIMIT, NULL, &made, &error)) {
		g_assert_cmpuint(made, >, 0);
		g_assert_cmpuint(made, <=, LIMIT);
		g_assert_cmpint(lseek(out, 0, SEEK_END), ==, (off_t)made);
	} else {
		g_assert_nonnull(error);
	}
	g_assert_cmpint(lseek(out, 0, SEEK_END), <=, (off_t)LIMIT);
	close(in);
	close(out);
	return 0;
}
