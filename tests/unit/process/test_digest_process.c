/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_digest_process.c - what a child says of a disk: format, size, digest */

#include "scanner/base/error.h"
#include "scanner/process/digest_process.h"
#include "tests/unit/folder.h"

#define MIB (1u << 20)

static void facts_of(const char *name, IvDiskFacts *facts)
{
	g_autofree char *disk = folder_path(name);
	g_autoptr(GError) error = NULL;
	IvSubprocess *process = iv_digest_process_start(disk, NULL, NULL, &error);

	g_assert_no_error(error);
	g_assert_true(iv_digest_process_wait(process, disk, facts, &error));
}

static void test_facts(void)
{
	g_auto(IvDiskFacts) raw = {0}, qcow2 = {0}, nothing = {0};
	g_autofree char *none = folder_path("none.raw");
	g_autoptr(GError) error = NULL;
	IvSubprocess *process;

	folder_sh("truncate -s 8M disk.raw; printf hello | dd of=disk.raw bs=1 seek=1048579 "
	      "conv=notrunc 2>/dev/null; qemu-img convert -c -O qcow2 disk.raw disk.qcow2");
	facts_of("disk.raw", &raw);
	facts_of("disk.qcow2", &qcow2);
	g_assert_cmpstr(raw.format, ==, "raw");
	g_assert_cmpstr(qcow2.format, ==, "qcow2");
	g_assert_cmpuint(raw.size, ==, 8 * MIB);
	g_assert_cmpuint(qcow2.size, ==, 8 * MIB);
	g_assert_cmpstr(raw.digest, ==, qcow2.digest);
	process = iv_digest_process_start(none, NULL, NULL, &error);
	g_assert_false(iv_digest_process_wait(process, none, &nothing, &error));
	g_assert_error(error, IV_ERROR, IV_ERROR_IO);
}

int main(int argc, char **argv)
{
	int result;

	g_test_init(&argc, &argv, NULL);
	folder_make();
	g_test_add_func("/digest-process/facts", test_facts);
	result = g_test_run();
	folder_remove();
	return result;
}
