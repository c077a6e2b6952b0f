/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_unpack_process.c - what a cloud's export unpacks to, and what it refuses */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scanner/base/error.h"
#include "scanner/disk/unpack.h"
#include "scanner/process/unpack_process.h"
#include "tests/unit/folder.h"

#define MIB (1u << 20)

static bool unpack(const char *archive, const char *disk, GError **error)
{
	g_autofree char *from = folder_path(archive), *to = folder_path(disk);
	IvSubprocess *process = iv_unpack_process_start(from, to, NULL, error);

	return process != NULL && iv_unpack_process_wait(process, from, error);
}

static void test_good(void)
{
	static const char *const makers[] = {
		"tar -czf a.tar.gz disk.raw",
		"tar --format=gnu -czf a.tar.gz disk.raw",
		"tar --format=posix -czf a.tar.gz ./disk.raw",
		"tar --sparse -czf a.tar.gz disk.raw",
		"mkdir -p d && cp --sparse=always disk.raw d/x && tar -czf a.tar.gz d",
		"tar -cf - disk.raw | tee a.tar | gzip -1 >a.tar.gz",
	};

	/* A hole, data that begins inside a block, data, zeros that are stored, a hole at the end. */
	folder_sh("truncate -s 8M disk.raw; printf hello | dd of=disk.raw bs=1 seek=1048579 "
	      "conv=notrunc 2>/dev/null; head -c 300000 /dev/urandom | dd of=disk.raw bs=1000 seek=3000 "
	      "conv=notrunc 2>/dev/null; head -c 1M /dev/zero | dd of=disk.raw bs=1M seek=5 conv=notrunc 2>/dev/null");
	for (gsize i = 0; i < G_N_ELEMENTS(makers); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *out = folder_path("out.raw");
		struct stat st;

		folder_sh("%s", makers[i]);
		g_assert_true(unpack("a.tar.gz", "out.raw", &error));
		g_assert_no_error(error);
		folder_sh("cmp disk.raw out.raw");
		g_assert_cmpint(stat(out, &st), ==, 0);
		g_assert_cmpint(st.st_mode & 0777, ==, 0600);
		g_assert_cmpint(st.st_blocks * 512, <, MIB);
	}
}

static void test_refused(void)
{
	static const struct {
		const char *make, *words;
	} rows[] = {
		{"echo a >a; echo b >b; tar -czf a.tar.gz a b", "several files"},
		{"ln -sf /etc/passwd l; tar -czf a.tar.gz l", "something else"},
		{"echo a >a; ln -f a b; tar -czf a.tar.gz a b", "something else"},
		{"rm -rf e; mkdir e; tar -czf a.tar.gz e", "empty"},
		{": >z; tar -czf a.tar.gz z", "empty"},
		{"tar -czf b.tgz disk.raw; head -c 100000 b.tgz >a.tar.gz", "cannot be read"},
		{"head -c 9000 /dev/urandom >r; gzip -c r >a.tar.gz", "cannot be read"},
		{"head -c 9000 /dev/urandom >a.tar.gz", "cannot be read"},
		{"tar -cf t disk.raw; head -c 5M t | gzip >a.tar.gz", "cannot be read"},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;

		folder_sh("%s", rows[i].make);
		if (unpack("a.tar.gz", "out.raw", &error))
			g_error("row %zu was taken", i);
		g_assert_error(error, IV_ERROR, IV_ERROR_CORRUPT);
		if (strstr(error->message, rows[i].words) == NULL)
			g_error("row %zu: %s", i, error->message);
	}
}

static void test_limit(void)
{
	g_autofree char *in = folder_path("a.tar.gz"), *out = folder_path("out.raw");
	g_autoptr(GError) error = NULL;
	uint64_t size;
	int from, to;

	folder_sh("tar -czf a.tar.gz disk.raw");
	from = open(in, O_RDONLY), to = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	g_assert_false(iv_unpack(from, to, 8 * MIB - 1, NULL, &size, &error));
	g_assert_error(error, IV_ERROR, IV_ERROR_LIMIT);
	close(from);
	close(to);
}

static void test_link(void)
{
	g_autoptr(GError) error = NULL;

	folder_sh("echo precious >precious; ln -sf precious out.link; tar -czf a.tar.gz disk.raw");
	g_assert_false(unpack("a.tar.gz", "out.link", &error));
	folder_sh("test \"$(cat precious)\" = precious");
}

static void test_probe(void)
{
	static const struct {
		const char *make, *name;
		bool ok;
		IvExport kind;
		const char *format;
	} rows[] = {
		{"tar -czf o disk.raw", "p/m-1_system.raw.tar.gz", true, IV_EXPORT_ARCHIVE, "raw"},
		{"tar -czf o disk.raw", "m-1_system.raw", true, IV_EXPORT_ARCHIVE, "raw"},
		{"cp disk.raw o", "m-1_system.raw", true, IV_EXPORT_DISK, "raw"},
		{"cp disk.raw o", "m-1", true, IV_EXPORT_DISK, "raw"},
		{"qemu-img convert -O qcow2 disk.raw o", "m-1.qcow2", true, IV_EXPORT_DISK, "qcow2"},
		{"cp disk.raw o", "m-1_system.raw.tar.gz", false, 0, NULL},
		{"cp disk.raw o", "m-1.vhd", false, 0, NULL},
		{"qemu-img convert -O vpc disk.raw o", "m-1.vhd", false, 0, NULL},
		{"qemu-img convert -O vmdk disk.raw o", "m-1", false, 0, NULL},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *file = folder_path("o");
		g_autoptr(GError) error = NULL;
		IvExport kind;
		const char *format;

		folder_sh("%s", rows[i].make);
		if (iv_export_probe(file, rows[i].name, &kind, &format, &error) != rows[i].ok)
			g_error("row %zu: %s", i, error != NULL ? error->message : "taken");
		if (!rows[i].ok) {
			g_assert_error(error, IV_ERROR, IV_ERROR_UNSUPPORTED);
			continue;
		}
		g_assert_cmpint(kind, ==, rows[i].kind);
		g_assert_cmpstr(format, ==, rows[i].format);
	}
}

int main(int argc, char **argv)
{
	int result;

	g_test_init(&argc, &argv, NULL);
	folder_make();
	g_test_add_func("/unpack-process/good", test_good);
	g_test_add_func("/unpack-process/refused", test_refused);
	g_test_add_func("/unpack-process/limit", test_limit);
	g_test_add_func("/unpack-process/link", test_link);
	g_test_add_func("/unpack-process/probe", test_probe);
	result = g_test_run();
	folder_remove();
	return result;
}
