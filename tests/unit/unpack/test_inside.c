/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_inside.c - what is packed is known inside something else, at any byte; and what only looks
 * like it is not */
#include <archive.h>
#include <archive_entry.h>
#include <glib.h>
#include <string.h>
#include <zlib.h>

#include "scanner/unpack/pieces.h"
#include "tests/unit/unpack/tools_rig.h"

/* --- a search ---------------------------------------------------------------------------- */

static void on_found(void *user, IvPacked kind, size_t start, size_t end)
{
	if (iv_packed_class(kind) != IV_PACKED_IS_ENCODED)
		g_string_append_printf(user, "%s %zu;", iv_packed_name(kind), start);
}

static char *search_in(const uint8_t *data, size_t size, size_t from, size_t to)
{
	/* A copy of its own: an overread is seen. */
	g_autofree uint8_t *copy = g_memdup2(data, size);
	GString *text = g_string_new(NULL);

	iv_pieces_search(copy, size, from, to, on_found, text);
	return g_string_free(text, FALSE);
}

/* Each surrounds a piece: zeros, a script, bytes as random as packed ones. */
static uint8_t around(unsigned which, size_t at)
{
	static const char script[] = "# an invented installer\ntrue\nexit 0\n";

	return which == 0 ? 0 : which == 1 ? (uint8_t)script[at % (sizeof(script) - 1)]
					   : (uint8_t)((at + 7) * 2654435761u >> 13);
}

/* The piece is found where it begins, whatever is around it, and by the one block that
 * has its first byte. */
static void find_at(const char *what, IvPacked kind, const uint8_t *bytes, gsize len, size_t at)
{
	size_t size = at + len + 100;
	g_autofree uint8_t *data = g_malloc(size);
	g_autofree char *want = g_strdup_printf("%s %zu;", iv_packed_name(kind), at);

	for (unsigned which = 0; which < 3; which++) {
		g_autofree char *got = NULL, *before = NULL, *mine = NULL;

		for (size_t i = 0; i < size; i++)
			data[i] = around(which, i);
		memcpy(data + at, bytes, len);
		got = search_in(data, size, 0, size);
		if (!g_str_has_prefix(got, want))
			g_error("%s at %zu: '%.80s' instead of '%s'", what, at, got, want);
		before = search_in(data, size, 0, at);
		mine = search_in(data, size, at, at + 1);
		g_assert_cmpstr(before, ==, "");
		g_assert_cmpstr(mine, ==, want);
	}
}

/* Every offset from a vector's beginning; and the short of it, as only the first bytes decide. */
static void find_anywhere(const char *what, IvPacked kind, const uint8_t *bytes, gsize len)
{
	for (size_t at = 0; at < 131; at++)
		find_at(what, kind, bytes, MIN(len, 2048), at);
	find_at(what, kind, bytes, len, 4999);
}

/* --- by the real tools ---------------------------------------------------------------------- */

static const struct {
	IvPacked kind;
	const char *command;
} made[] = {
	{IV_PACKED_GZIP, "gzip -c in >out"},
	{IV_PACKED_GZIP, "gzip -9nc in >out"},
	{IV_PACKED_GZIP, "gzip -1c </bin/sh >out"},
	{IV_PACKED_GZIP, "gzip -c /dev/null >out"},
	{IV_PACKED_GZIP, "head -c 4096 /dev/urandom | gzip -c >out"},
	{IV_PACKED_BZIP2, "bzip2 -c in >out"},
	{IV_PACKED_BZIP2, "bzip2 -1c </bin/sh >out"},
	{IV_PACKED_BZIP2, "bzip2 -c /dev/null >out"},
	{IV_PACKED_XZ, "xz -c in >out"},
	{IV_PACKED_XZ, "xz --check=none -c in >out"},
	{IV_PACKED_LZMA, "xz --format=lzma -c in >out"},
	{IV_PACKED_LZMA, "xz --format=lzma -0 -c </bin/sh >out"},
	{IV_PACKED_LZMA, "xz --format=lzma -9 -c <in >out"},
	{IV_PACKED_ZSTD, "zstd -qc in >out"},
	{IV_PACKED_ZSTD, "zstd -qc --no-check <in >out"},
	{IV_PACKED_ZSTD, "zstd -qc --ultra -22 </bin/sh >out"},
	{IV_PACKED_ZSTD, "zstd -qc --fast=5 </bin/sh >out"},
	{IV_PACKED_ZSTD, "head -c 300000 /dev/urandom | zstd -qc >out"},
	{IV_PACKED_ZSTD, "head -c 300000 /dev/zero | zstd -qc >out"},
	{IV_PACKED_ZSTD, "for i in $(seq 500); do echo \"user_$i = invented and long enough $i\" >t$i; done; "
			 "zstd -q --train t* -o d --maxdict=2048 2>log && zstd -qc -D d t7 >out"},
	{IV_PACKED_LZ4, "lz4 -qc in >out"},
	{IV_PACKED_LZ4, "lz4 -qc --content-size in >out"},
	{IV_PACKED_LZ4, "lz4 -qc -B4 -BX --no-frame-crc </bin/sh >out"},
	{IV_PACKED_LZ4, "lz4 -qlc in >out"},
	{IV_PACKED_LZ4, "lz4 -qlc </bin/sh >out"},
	{IV_PACKED_LZO, "lzop -c in >out"},
	{IV_PACKED_ZIP, "zip -q z.zip in && mv z.zip out"},
	{IV_PACKED_ZIP, "zip -q -0 -e -P invented z.zip in && mv z.zip out"},
	{IV_PACKED_ZIP, "zip -qr - in >out"},
	{IV_PACKED_GIT_PACK, "git init -q g && cd g && git hash-object -w ../in | git pack-objects -q pack >../id && "
			     "cp pack-*.pack ../out"},
	{IV_PACKED_OPENSSL, "openssl enc -aes-256-cbc -pbkdf2 -pass pass:invented -in in -out out"},
	{IV_PACKED_LUKS, "truncate -s 32M all && cryptsetup -q luksFormat --type luks2 --pbkdf pbkdf2 "
			 "--pbkdf-force-iterations 1000 all in && head -c 8192 all >out"},
	{IV_PACKED_LUKS, "truncate -s 32M all && cryptsetup -q luksFormat --type luks1 "
			 "--pbkdf-force-iterations 1000 all in && head -c 8192 all >out"},
	{IV_PACKED_QCOW, "qemu-img create -q -f qcow2 out 1M"},
	{IV_PACKED_QCOW, "qemu-img create -q -f qcow out 1M"},
	{IV_PACKED_VMDK, "qemu-img create -q -f vmdk out 1M"},
	{IV_PACKED_VHDX, "qemu-img create -q -f vhdx all 8M && head -c 8192 all >out"},
	{IV_PACKED_VHD, "qemu-img create -q -f vpc out 1M"},
	{IV_PACKED_SQUASHFS, "mksquashfs in out -quiet -no-progress >log"},
	/* formats that no tool of ours writes, by hand; each in the shape that its description asks for */
	{IV_PACKED_DEB, "printf '!<arch>\\ndebian-binary   0           0     0     100644  4         `\\n2.0\\n' >out"},
	{IV_PACKED_PDF, "printf '%%PDF-1.7\\n%%\\342\\343\\317\\323\\n1 0 obj\\n<< /Type /Catalog >>\\nendobj\\n' >out"},
	{IV_PACKED_AGE, "printf 'age-encryption.org/v1\\n-> X25519 Inv3nted0nly\\nabc\\n--- def\\n' >out"},
	{IV_PACKED_ANSIBLE_VAULT, "printf '$ANSIBLE_VAULT;1.1;AES256\\n3365623462623162613234663163303137316139653332353436\\n' >out"},
	{IV_PACKED_ANSIBLE_VAULT, "printf '$ANSIBLE_VAULT;1.2;AES256;dev\\r\\n    3365623462623162613234663163303137316139653332353436\\n' >out"},
};

static void test_tools(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(made); i++) {
		g_autoptr(GBytes) bytes = made_by(made[i].command);
		gsize len;
		const uint8_t *data = g_bytes_get_data(bytes, &len);

		find_anywhere(made[i].command, made[i].kind, data, len);
	}
}

/* --- by libraries ---------------------------------------------------------------------------- */

static la_ssize_t put(struct archive *a, void *user, const void *data, size_t len)
{
	g_byte_array_append(user, data, (guint)len);
	return (la_ssize_t)len;
}

static GByteArray *archive_of(int format, int filter)
{
	static const char text[] = "password = an invented one that opens nothing\n";
	struct archive *a = archive_write_new();
	struct archive_entry *entry = archive_entry_new();
	GByteArray *bytes = g_byte_array_new();

	g_assert_cmpint(archive_write_set_format(a, format), ==, ARCHIVE_OK);
	if (filter != 0)
		g_assert_cmpint(archive_write_add_filter(a, filter), ==, ARCHIVE_OK);
	archive_write_set_bytes_per_block(a, 0);
	g_assert_cmpint(archive_write_open(a, bytes, NULL, put, NULL), ==, ARCHIVE_OK);
	archive_entry_set_pathname(entry, "inner");
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0644);
	archive_entry_set_size(entry, sizeof(text));
	g_assert_cmpint(archive_write_header(a, entry), ==, ARCHIVE_OK);
	g_assert_cmpint(archive_write_data(a, text, sizeof(text)), ==, (la_ssize_t)sizeof(text));
	archive_entry_free(entry);
	g_assert_cmpint(archive_write_free(a), ==, ARCHIVE_OK);
	return bytes;
}

static void test_archives(void)
{
	static const struct {
		IvPacked kind;
		int format, filter;
	} rows[] = {
		{IV_PACKED_7Z, ARCHIVE_FORMAT_7ZIP, 0},
		{IV_PACKED_XAR, ARCHIVE_FORMAT_XAR, 0},
		{IV_PACKED_ZIP, ARCHIVE_FORMAT_ZIP, 0},
		{IV_PACKED_LZIP, ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_LZIP},
		{IV_PACKED_LZMA, ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_LZMA},
		{IV_PACKED_XZ, ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_XZ},
		{IV_PACKED_ZSTD, ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_ZSTD},
		{IV_PACKED_LZ4, ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_LZ4},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GByteArray) bytes = archive_of(rows[i].format, rows[i].filter);

		find_anywhere(iv_packed_name(rows[i].kind), rows[i].kind, bytes->data, bytes->len);
	}
}

/* Headers of formats that no tool or library here writes, as their descriptions have them. */
static void test_headers(void)
{
	static const struct {
		IvPacked kind;
		uint8_t bytes[256];
	} rows[] = {
		{IV_PACKED_RAR, "Rar!\x1a\7\0\xcf\x90\x73\0\0\x0d\0\0\0\0\0\0\0"},
		{IV_PACKED_RAR, "Rar!\x1a\7\1\0\x33\x92\xb5\xe5\x0a\1\5\6\0\5\1\1\x80\x80\0"},
		{IV_PACKED_CAB, "MSCF\0\0\0\0\0\1\0\0\0\0\0\0\x2c\0\0\0\0\0\0\0\3\1\1\0\1\0\0\0"},
		{IV_PACKED_WIM, "MSWIM\0\0\0\xd0\0\0\0\0\x0d\1\0"},
		{IV_PACKED_RPM, {0xed, 0xab, 0xee, 0xdb, 3, 0, 0, 0, [78] = 0, [79] = 5, [96] = 0x8e, 0xad, 0xe8, 1}},
		{IV_PACKED_SNAPPY, "\xff\6\0\0sNaPpY\0\x2a\0\0\x11\x22\x33\x44\x30\x40"},
		{IV_PACKED_OLE, {0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, [24] = 0x3e, 0, 3, 0, 0xfe, 0xff, 9, 0}},
		{IV_PACKED_CRAMFS, "\x45\x3d\xcd\x28\0\x10\0\0\3\0\0\0\0\0\0\0Compressed ROMFS"},
		{IV_PACKED_MOZLZ4, "mozLz40\0\x10\0\0\0\xf0\1{\"version\":[1]}\n"},
		{IV_PACKED_JAVA_KEYSTORE, "\xfe\xed\xfe\xed\0\0\0\2\0\0\0\1\0\0\0\1\0\1k"},
		{IV_PACKED_JAVA_KEYSTORE, "\xce\xce\xce\xce\0\0\0\2\0\0\0\1\0\0\0\3\0\1k"},
		{IV_PACKED_KEEPASS, "\3\xd9\xa2\x9a\x67\xfb\x4b\xb5\0\0\4\0\2\x10\0\0"},
		{IV_PACKED_KEEPASS, "\3\xd9\xa2\x9a\x65\xfb\x4b\xb5\3\0\0\0\3\0\3\0"},
		{IV_PACKED_VMDK, "COWD\1\0\0\0\3\0\0\0"},
		{IV_PACKED_ZIP, "PK\7\10PK\3\4\x14\0\0\0\10\0\0\0\0\0\1\2\3\4\5\0\0\0\6\0\0\0\1\0\0\0k"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		find_anywhere(iv_packed_name(rows[i].kind), rows[i].kind, rows[i].bytes,
			      sizeof(rows[i].bytes));
}

/* An ISO 9660's descriptor lies behind 32 KiB of zeros. */
static void test_iso(void)
{
	g_autoptr(GByteArray) bytes = archive_of(ARCHIVE_FORMAT_ISO9660, 0);

	find_anywhere("iso9660", IV_PACKED_ISO, bytes->data + 32768, 2048);
}

static GBytes *deflated(const void *text, gsize n, int level, int strategy, int window)
{
	z_stream z = {.next_in = (Bytef *)text, .avail_in = (uInt)n};
	gsize room = n + 1000;
	uint8_t *out = g_malloc(room);

	z.next_out = out;
	z.avail_out = (uInt)room;
	g_assert_cmpint(deflateInit2(&z, level, Z_DEFLATED, window, 8, strategy), ==, Z_OK);
	g_assert_cmpint(deflate(&z, Z_FINISH), ==, Z_STREAM_END);
	deflateEnd(&z);
	return g_bytes_new_take(out, z.total_out);
}

/* zlib has no mark of more than two bytes: a short text, a long one, at each level. */
static void test_zlib(void)
{
	static const char text[] = "{\"token\": \"an invented one, which opens no door at all\"}";
	g_autoptr(GString) all = g_string_new(NULL);

	for (unsigned i = 0; i < 3000; i++)
		g_string_append_printf(all, "user%u = invented-%x\n", i, i * 2654435761u);
	for (int level = 1; level <= 9; level++)
		for (int strategy = Z_DEFAULT_STRATEGY; strategy <= Z_HUFFMAN_ONLY; strategy++) {
			g_autoptr(GBytes) small = deflated(text, sizeof(text), level, strategy, MAX_WBITS);
			g_autoptr(GBytes) large = deflated(all->str, all->len, level, strategy, MAX_WBITS);
			gsize len;
			const uint8_t *data = g_bytes_get_data(small, &len);

			find_anywhere("a small zlib stream", IV_PACKED_ZLIB, data, len);
			data = g_bytes_get_data(large, &len);
			find_anywhere("a large zlib stream", IV_PACKED_ZLIB, data, len);
		}
}

/* --- none of it ------------------------------------------------------------------------------- */

/* Programs and texts name marks; pictures are deflated. */
static void test_none(void)
{
	static const uint8_t rows[][80] = {
		"case: PK\3\4\0PK\1\2\0PK\5\6\0not a member here",
		"magic = \"7z\xbc\xaf\x27\x1c\0\" and then more of a program",
		"\0Rar!\x1a\7\0Rar!\x1a\7\1\0bad archive\0", "\0\x1f\x8b\10\0\0\0\0\0\0\3: invalid header\0",
		"starts with BZh91AY&SY, as all of them do; or with something else",
		"\0\x5d\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5\0\0\0\6\0\0\0\7\0\0\0",
		"\x81\x3f\x28\xb5\x2f\xfd\x0f\x84\x11\x02\0\0\x48\x89\xc7\xe8\x01\x02\x03\x04\x48\x83\xc4\x10\x5d\xc3",
		"\x3d\4\x22\x4d\x18\x74\x1f\x3d\2\x21\x4c\x18\x75\x30\x48\x89\xdf\xe8\0\0\0\0\xeb\xfe",
		"printf(\"%PDF-1.4\\n\");  a string in a source file, or %PDF-1.4\n  ",
		"\0Salted__\0bad magic number\0", "\x48\xb8Salted__\x48\x39\x84\x24\xd0\0\0\0\x75\x3d\x4c\x8d\xbb\xc2\x4d\x80",
		"age-encryption.org/v1\nunsupported version", "PACK\0\0\0\2--no-\0parse-options",
		"QFI\xfb\0\0\0\1ERROR: block index out of range, again and again", "xar!\0\x1c\0\1encryption.traditional",
		"\0\0\0\rIDATx\x9c\x63\x60\x60\x60\0\0\0\4\0\1\x27\x34\x27\x0a", "x\1\0\0\xff\xff\0\0\0\0\0\0\0\0\0\0\0\x20\xe0\6",
		"x\1\x62\0\0\0\xff\xff\0\0\0\0\4\xd1\7\x72", "x^2 + x\x5e\x33 = 0, and x\n more of it for as long as it needs",
		"$ANSIBLE_VAULT;1.1;AES256 is how such files begin, says the manual",
		"conectix\0vhdxfile\0hsqs\0\1CD001\1\0KDMV\0LUKS\xba\xbe\0",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		uint8_t data[4096] = {0};
		g_autofree char *got = NULL;

		memcpy(data + 77, rows[i], sizeof(rows[i]));
		memset(data + 400, 'w', sizeof(data) - 400);
		got = search_in(data, sizeof(data), 0, sizeof(data));
		if (*got != '\0')
			g_error("row %zu: %s", i, got);
	}
}

/* 256 MiB of random bytes, of which every one may begin something. */
static void test_random(void)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(8);
	uint64_t state[2] = {g_rand_int(random), g_rand_int(random)};
	g_autofree uint64_t *words = g_new(uint64_t, 1 << 17);

	for (guint round = 0; round < 256; round++) {
		g_autofree char *got = NULL;

		/* xorshift128+: fast, as it is to be many. */
		for (guint i = 0; i < 1 << 17; i++) {
			uint64_t a = state[0], b = state[1];

			state[0] = b;
			a ^= a << 23;
			state[1] = a ^ b ^ a >> 17 ^ b >> 26;
			words[i] = state[1] + b;
		}
		got = search_in((uint8_t *)words, 1 << 20, 0, 1 << 20);
		g_assert_cmpstr(got, ==, "");
	}
}

/* --- dear -------------------------------------------------------------------------------------- */

/* Marks as close as they fit, each of which would be worth a try: they end, and count. */
static void test_flood(void)
{
	static const char *const marks[] = {"\x1f\x8b\10\0\0\0\0\0\0\3\x4b\4", "x\x9c\x4b\4\x62\x10", "x\x9c\x4b\4",
					    "BZh91AY&SYabcd\1\1\1\1", "\2\x21\x4c\x18\xff\xff\0\0", "PK\3\4\x14\0\0\0\10"};
	static const uint8_t lengths[] = {12, 6, 4, 18, 8, 9};
	const size_t size = 8 << 20, block = 512 << 10;
	g_autofree uint8_t *data = g_malloc(size);

	for (size_t i = 0; i < G_N_ELEMENTS(marks); i++) {
		gint64 begun = g_get_monotonic_time();

		for (size_t at = 0; at < size; at++)
			data[at] = (uint8_t)marks[i][at % lengths[i]];
		for (size_t at = 0; at < size; at += block) {
			GString *text = g_string_new(NULL);

			iv_pieces_search(data, size, at, at + block, on_found, text);
			g_string_free(text, TRUE);
		}
		g_assert_cmpint(g_get_monotonic_time() - begun, <, 20 * G_USEC_PER_SEC);
	}
}

int main(int argc, char **argv)
{
	int result;

	g_test_init(&argc, &argv, NULL);
	rig_open();
	g_test_add_func("/inside/tools", test_tools);
	g_test_add_func("/inside/archives", test_archives);
	g_test_add_func("/inside/headers", test_headers);
	g_test_add_func("/inside/iso", test_iso);
	g_test_add_func("/inside/zlib", test_zlib);
	g_test_add_func("/inside/none", test_none);
	g_test_add_func("/inside/random", test_random);
	g_test_add_func("/inside/flood", test_flood);
	result = g_test_run();
	rig_close();
	return result;
}
