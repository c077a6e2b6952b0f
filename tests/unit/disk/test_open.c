/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_open.c - which format an image is taken for, and what is refused */
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scanner/base/error.h"
#include "scanner/disk/open.h"

static char *folder;

static char *at(const char *name)
{
	return g_build_filename(folder, name, NULL);
}

/* A file of 64 KiB that begins with `head` at `off`, and ends with `tail`. */
static char *put(const char *name, size_t off, const char *head, size_t len, const char *tail)
{
	char *path = at(name);
	g_autofree char *bytes = g_malloc0(65536);

	memcpy(bytes + off, head, len);
	if (tail != NULL)
		memcpy(bytes + 65536 - 512, tail, strlen(tail));
	g_assert_true(g_file_set_contents(path, bytes, 65536, NULL));
	return path;
}

static void expect(const char *path, const char *format, int code, const char *says)
{
	IvDiskOptions options = {.format = format};
	g_autoptr(GError) error = NULL;
	g_autoptr(IvDisk) disk = iv_disk_open(path, &options, &error);

	if (code < 0) {
		g_assert_no_error(error);
		g_assert_cmpstr(disk->format, ==, says);
		return;
	}
	g_assert_null(disk);
	g_assert_error(error, IV_ERROR, code);
	if (strstr(error->message, says) == NULL)
		g_error("%s: \"%s\" lacks \"%s\"", path, error->message, says);
}

static void test_magic_and_name(void)
{
	static const struct {
		const char *name, *head;
		size_t len, off;
		const char *tail;
		int code; /* -1: opens as `says` */
		const char *says;
	} rows[] = {
		{"a.raw", "data", 4, 0, NULL, -1, "raw"},
		{"a.img", "data", 4, 0, NULL, -1, "raw"},
		{"a", "data", 4, 0, NULL, -1, "raw"},
		{"a.2026-01-02", "data", 4, 0, NULL, -1, "raw"},
		{"luks.raw", "LUKS\xba\xbe", 6, 0, NULL, -1, "raw"},
		{"tail.raw", "data", 4, 0, "conectix", -1, "raw"},
		{"b.raw", "QFI\xfb", 4, 0, NULL, IV_ERROR_AMBIGUOUS, "--format qcow2"},
		{"b.qcow2", "data", 4, 0, NULL, IV_ERROR_AMBIGUOUS, "--format raw"},
		{"c.raw", "KDMV", 4, 0, NULL, IV_ERROR_AMBIGUOUS, "VMDK"},
		{"c.vmdk", "KDMV", 4, 0, NULL, IV_ERROR_UNSUPPORTED, "qemu-img convert -f vmdk"},
		{"d.vmdk", "# Disk DescriptorFile", 21, 0, NULL, IV_ERROR_UNSUPPORTED, "VMDK"},
		{"e.vhdx", "vhdxfile", 8, 0, NULL, IV_ERROR_UNSUPPORTED, "-f vhdx"},
		{"f.vhd", "data", 4, 0, "conectix", IV_ERROR_UNSUPPORTED, "-f vpc"},
		{"g.vdi", "\x7f\x10\xda\xbe", 4, 0x40, NULL, IV_ERROR_UNSUPPORTED, "VDI"},
		{"h.raw.gz", "\x1f\x8b\x08", 3, 0, NULL, IV_ERROR_UNSUPPORTED, "gunzip"},
		{"h.img", "\x1f\x8b\x08", 3, 0, NULL, IV_ERROR_AMBIGUOUS, "gzip"},
		{"i.zst", "\x28\xb5\x2f\xfd", 4, 0, NULL, IV_ERROR_UNSUPPORTED, "unzstd"},
		{"j.ova", "ustar", 5, 257, NULL, IV_ERROR_UNSUPPORTED, "tar -xf"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *path = put(rows[i].name, rows[i].off, rows[i].head, rows[i].len,
					    rows[i].tail);

		expect(path, NULL, rows[i].code, rows[i].says);
	}
}

static void test_told(void)
{
	g_autofree char *qfi = put("t.raw", 0, "QFI\xfb", 4, NULL);
	g_autofree char *plain = put("p.raw", 0, "data", 4, NULL);

	expect(qfi, "raw", -1, "raw");
	expect(plain, "qcow2", IV_ERROR_CORRUPT, "does not begin like");
	expect(plain, "vmdk", IV_ERROR_USAGE, "use raw or qcow2");
	expect(qfi, "qcow2", IV_ERROR_UNSUPPORTED, "version 0");
}

static void test_no_disk(void)
{
	g_autofree char *empty = at("empty.raw"), *gone = at("gone.raw"), *fifo = at("fifo.raw");

	g_assert_true(g_file_set_contents(empty, "", 0, NULL));
	expect(empty, NULL, IV_ERROR_CORRUPT, "empty");
	expect(gone, NULL, IV_ERROR_IO, "No such file");
	expect(folder, NULL, IV_ERROR_USAGE, "--reader tree");
	g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
	expect(fifo, NULL, IV_ERROR_USAGE, "fifo.raw");
	expect("/dev/null", NULL, IV_ERROR_USAGE, "/dev/null");
}

static void test_permission(void)
{
	g_autofree char *secret = put("secret.raw", 0, "data", 4, NULL);

	g_assert_cmpint(g_chmod(secret, 0), ==, 0);
	if (geteuid() == 0 && (g_chmod(folder, 0755) != 0 || seteuid(65534) != 0)) {
		g_test_skip("cannot become an unprivileged user here");
		return;
	}
	expect(secret, NULL, IV_ERROR_IO, "Permission denied");
	if (getuid() == 0)
		g_assert_cmpint(seteuid(0), ==, 0);
}

static void test_unchanged(void)
{
	g_autofree char *path = put("u.raw", 0, "data", 4, NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(IvDisk) disk = iv_disk_open(path, NULL, &error);

	g_assert_no_error(error);
	g_assert_true(iv_disk_unchanged(disk, &error));
	g_assert_cmpint(truncate(path, 65537), ==, 0);
	g_assert_false(iv_disk_unchanged(disk, &error));
	g_assert_error(error, IV_ERROR, IV_ERROR_IO);
	g_assert_nonnull(strstr(error->message, "changed while it was read"));
}

/* Holes of a sparse file are known without reading; the bytes are right. */
static void test_holes(void)
{
	g_autofree char *path = at("holes.raw");
	g_autoptr(GError) error = NULL;
	g_autoptr(IvDisk) disk = NULL;
	uint64_t len = UINT64_MAX >> 1, at_data;
	bool zero;
	char byte;
	FILE *file = fopen(path, "we");

	g_assert_nonnull(file);
	g_assert_cmpint(fseeko(file, 1 << 30, SEEK_SET), ==, 0);
	g_assert_cmpint(fputc('x', file), ==, 'x');
	g_assert_cmpint(fclose(file), ==, 0);
	disk = iv_disk_open(path, NULL, &error);
	g_assert_no_error(error);
	g_assert_true(iv_source_extent(disk->source, 0, &len, &zero, &error));
	g_assert_true(zero);
	at_data = len;
	g_assert_cmpuint(at_data, <=, 1 << 30);
	g_assert_cmpuint(at_data, >=, (1 << 30) - (1 << 20));
	g_assert_true(iv_source_read(disk->source, 1 << 30, &byte, 1, &error));
	g_assert_cmpint(byte, ==, 'x');
	g_assert_false(iv_source_read(disk->source, 1 << 30, &byte, 2, &error));
	g_assert_error(error, IV_ERROR, IV_ERROR_CORRUPT);
}

static void test_window(void)
{
	g_autoptr(GBytes) bytes = g_bytes_new_static("0123456789", 10);
	g_autoptr(IvSource) all = iv_memory_new(bytes);
	g_autoptr(GError) error = NULL;
	g_autoptr(IvSource) part = iv_slice_new(all, 2, 5, &error);
	g_autoptr(IvSource) inner = iv_slice_new(part, 1, 3, &error);
	char text[4] = "";

	g_assert_no_error(error);
	g_assert_true(iv_source_read(inner, 0, text, 3, &error));
	g_assert_cmpstr(text, ==, "345");
	g_assert_false(iv_source_read(inner, 1, text, 3, &error));
	g_assert_error(error, IV_ERROR, IV_ERROR_CORRUPT);
	g_clear_error(&error);
	g_assert_null(iv_slice_new(all, 6, 5, &error));
	g_assert_error(error, IV_ERROR, IV_ERROR_CORRUPT);
	g_clear_error(&error);
	g_assert_null(iv_slice_new(all, UINT64_MAX, 2, &error));
	g_assert_error(error, IV_ERROR, IV_ERROR_CORRUPT);
}

int main(int argc, char **argv)
{
	const char *clean[] = {"rm", "-rf", NULL, NULL};
	int result;

	g_test_init(&argc, &argv, NULL);
	folder = g_dir_make_tmp("imgvet-open-XXXXXX", NULL);
	g_assert_nonnull(folder);
	g_test_add_func("/open/magic-and-name", test_magic_and_name);
	g_test_add_func("/open/told", test_told);
	g_test_add_func("/open/no-disk", test_no_disk);
	g_test_add_func("/open/permission", test_permission);
	g_test_add_func("/open/unchanged", test_unchanged);
	g_test_add_func("/source/holes", test_holes);
	g_test_add_func("/source/window", test_window);
	result = g_test_run();
	clean[2] = folder;
	g_spawn_sync(NULL, (char **)clean, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL,
		     NULL);
	g_free(folder);
	return result;
}
