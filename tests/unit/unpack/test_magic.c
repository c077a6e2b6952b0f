/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_magic.c - files made by the real tools are known, and what is plain is not */
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "scanner/unpack/magic.h"

static char *folder; /* of the tools' files */

/* Each makes the file "out" from "in", which holds an invented text. */
static const struct {
	IvPacked kind;
	const char *command;
} made[] = {
	{IV_PACKED_GZIP, "gzip -c in >out"},
	{IV_PACKED_GZIP, "gzip -9nc in >out"},
	{IV_PACKED_GZIP, "gzip -c /dev/null >out"},
	{IV_PACKED_BZIP2, "bzip2 -c in >out"},
	{IV_PACKED_BZIP2, "bzip2 -c /dev/null >out"},
	{IV_PACKED_XZ, "xz -c in >out"},
	{IV_PACKED_XZ, "xz --check=none -c in >out"},
	{IV_PACKED_LZMA, "xz --format=lzma -c in >out"},
	{IV_PACKED_LZMA, "xz --format=lzma -0 -c in >out"},
	{IV_PACKED_ZSTD, "zstd -qc in >out"},
	{IV_PACKED_ZSTD, "zstd -qc --ultra -20 <in >out"},
	{IV_PACKED_LZ4, "lz4 -qc in >out"},
	{IV_PACKED_LZ4, "lz4 -qlc in >out"},
	{IV_PACKED_LZO, "lzop -c in >out"},
	{IV_PACKED_ZIP, "zip -q z.zip in && mv z.zip out"},
	{IV_PACKED_ZIP, "zip -q -0 -e -P invented z.zip in && mv z.zip out"},
	{IV_PACKED_ZLIB, "git init -q g && cd g && git hash-object -w ../in >../id && "
			 "cp .git/objects/[0-9a-f]*/* ../out"},
	{IV_PACKED_GIT_PACK, "git init -q g && cd g && git hash-object -w ../in | git pack-objects -q pack >../id && "
			     "cp pack-*.pack ../out"},
	{IV_PACKED_OPENSSL, "openssl enc -aes-256-cbc -pbkdf2 -pass pass:invented -in in -out out"},
	{IV_PACKED_PKCS12, "openssl req -x509 -newkey ed25519 -nodes -keyout k -out c -subj /CN=invented -batch && "
			   "openssl pkcs12 -export -inkey k -in c -passout pass:invented -out out"},
	{IV_PACKED_LUKS, "truncate -s 32M out && cryptsetup -q luksFormat --type luks2 --pbkdf pbkdf2 "
			 "--pbkdf-force-iterations 1000 out in"},
	{IV_PACKED_LUKS, "truncate -s 32M out && cryptsetup -q luksFormat --type luks1 "
			 "--pbkdf-force-iterations 1000 out in"},
	{IV_PACKED_JAVA_KEYSTORE, "command -v keytool >log || { printf '\\376\\355\\376\\355\\0\\0\\0\\2\\0\\0\\0\\1' >out; exit; }; "
				  "keytool -genkeypair -storetype jks -keyalg ec -dname CN=invented -alias a -keystore out "
				  "-storepass invented -keypass invented 2>log"},
	{IV_PACKED_PGP, "gpg --homedir . -q --batch --passphrase invented --pinentry-mode loopback -c -o out in"},
	{IV_PACKED_QCOW, "qemu-img create -q -f qcow2 out 1M"},
	{IV_PACKED_VMDK, "qemu-img create -q -f vmdk out 1M"},
	{IV_PACKED_VHDX, "qemu-img create -q -f vhdx out 8M"},
	{IV_PACKED_VDI, "qemu-img create -q -f vdi out 1M"},
	{IV_PACKED_VHD, "qemu-img create -q -f vpc out 1M"},
	{IV_PACKED_SQUASHFS, "mksquashfs in out -quiet -no-progress >log"},
	{IV_PACKED_FILESYSTEM, "truncate -s 1M out && mke2fs -q -F out"},
	{IV_PACKED_FILESYSTEM, "truncate -s 1M out && mkfs.fat out >log"},
	{IV_PACKED_DISK, "truncate -s 1M out && echo 'start=1' | sfdisk -q out"},
	{IV_PACKED_DISK, "truncate -s 4M out && printf 'label: gpt\\nstart=64\\n' | sfdisk -q out"},
	{IV_PACKED_UTF16, "iconv -t UTF-16 <in >out"},
	{IV_PACKED_UTF16, "iconv -t UTF-16LE <in >out"},
	{IV_PACKED_UTF16, "iconv -t UTF-16BE <in >out"},
	{IV_PACKED_UTF32, "iconv -t UTF-32 <in >out"},
	{IV_PACKED_UTF32, "iconv -t UTF-32LE <in >out"},
	{IV_PACKED_UTF32, "iconv -t UTF-32BE <in >out"},
	/* plain: their bytes are searched as they are */
	{IV_PACKED_NONE, "cp in out"},
	{IV_PACKED_NONE, "tar cf out in"},
	{IV_PACKED_NONE, "ar rc out in"},
	{IV_PACKED_NONE, "cp \"$(command -v sh)\" out"},
	{IV_PACKED_NONE, "printf 'x^2 is no zlib' >out"},
	{IV_PACKED_NONE, "printf 'PACK your things' >out"},
	{IV_PACKED_NONE, "head -c 65536 /dev/zero >out"},
	{IV_PACKED_NONE, ": >out"},
};

static void make(const char *command)
{
	g_autofree char *all = g_strdup_printf(
		"PATH=$PATH:/usr/sbin:/sbin && cd '%s' && rm -rf -- * && "
		"for i in 1 2 3 4 5 6; do echo \"password_$i = invented and long enough\"; done >in && %s",
		folder, command);
	const char *argv[] = {"sh", "-c", all, NULL};
	g_autoptr(GError) error = NULL;
	g_autofree char *err = NULL;
	int status;

	g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
				   &err, &status, &error));
	if (!g_spawn_check_wait_status(status, &error))
		g_error("%s: %s%s", command, err, error->message);
}

static GBytes *made_by(const char *command)
{
	g_autofree char *path = g_build_filename(folder, "out", NULL);
	g_autoptr(GError) error = NULL;
	char *data;
	gsize len;

	make(command);
	g_file_get_contents(path, &data, &len, &error);
	g_assert_no_error(error);
	return g_bytes_new_take(data, len);
}

static const char *name_of(IvPacked kind)
{
	return kind == IV_PACKED_NONE ? "none" : iv_packed_name(kind);
}

static void test_tools(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(made); i++) {
		g_autoptr(GBytes) bytes = made_by(made[i].command);
		gsize len;
		const uint8_t *data = g_bytes_get_data(bytes, &len);
		IvPacked kind = iv_packed_file(data, len, len);

		if (kind != made[i].kind)
			g_error("%s: %s, not %s", made[i].command, name_of(kind), name_of(made[i].kind));
		/* Any beginning of it is safe to look at. */
		for (gsize cut = 0; cut < MIN(len, 200); cut++) {
			g_autofree uint8_t *copy = g_memdup2(data, cut);

			(void)iv_packed_file(copy, cut, cut);
		}
	}
}

/* The same in free space: at a multiple of 512 bytes, and not elsewhere. */
static void test_pieces(void)
{
	static const IvPacked marks[] = {IV_PACKED_GZIP, IV_PACKED_BZIP2, IV_PACKED_XZ,	  IV_PACKED_ZSTD,
					 IV_PACKED_LZ4,	 IV_PACKED_LZO,	  IV_PACKED_ZIP,  IV_PACKED_OPENSSL,
					 IV_PACKED_QCOW, IV_PACKED_SQUASHFS, IV_PACKED_GIT_PACK};

	for (size_t i = 0; i < G_N_ELEMENTS(made); i++) {
		g_autofree uint8_t *space = g_malloc0(8192);
		g_autoptr(GBytes) bytes = NULL;
		const uint8_t *data;
		bool wanted = false;
		IvPacked kind;
		gsize len;

		for (size_t k = 0; k < G_N_ELEMENTS(marks); k++)
			wanted = wanted || marks[k] == made[i].kind;
		if (!wanted)
			continue;
		bytes = made_by(made[i].command);
		data = g_bytes_get_data(bytes, &len);
		memcpy(space + 1536, data, MIN(len, 4096));
		g_assert_cmpuint(iv_packed_search(space, 8192, 0, 8192, &kind), ==, 1536);
		g_assert_cmpstr(name_of(kind), ==, name_of(made[i].kind));
		g_assert_cmpuint(iv_packed_search(space, 8192, 1, 8192, &kind), ==, 8192);
		g_assert_cmpuint(iv_packed_search(space, 8192, 0, 1536, &kind), ==, 1536);
		g_assert_cmpint(kind, ==, IV_PACKED_NONE);
	}
}

/* 64 MiB of random sectors: the marks are long enough. */
static void test_random(void)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(8);
	g_autofree uint32_t *words = g_new(uint32_t, 1 << 18);
	IvPacked kind;

	for (guint round = 0; round < 64; round++) {
		for (guint i = 0; i < 1 << 18; i++)
			words[i] = g_rand_int(random);
		g_assert_cmpuint(iv_packed_search((uint8_t *)words, 1 << 20, 0, 1 << 20, &kind), ==, 1 << 20);
	}
}

/* Each kind has a name, and is of a class; no two have the same. */
static void test_names(void)
{
	g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);

	for (unsigned i = 0; i < IV_PACKED_COUNT; i++) {
		g_assert_true(g_hash_table_add(names, (void *)iv_packed_name((IvPacked)i)));
		g_assert_nonnull(iv_packed_class_name((IvPacked)i));
	}
}

static void test_tail(void)
{
	static const uint8_t table[] = "block\0\0\x57\xfb\x80\x8b\x24\x75\x47\xdb";

	g_assert_cmpint(iv_packed_tail(table, sizeof(table) - 1), ==, IV_PACKED_LEVELDB);
	g_assert_cmpint(iv_packed_tail(table, sizeof(table) - 2), ==, IV_PACKED_NONE);
	g_assert_cmpint(iv_packed_tail(table + 8, 7), ==, IV_PACKED_NONE);
}

int main(int argc, char **argv)
{
	const char *clean[] = {"rm", "-rf", NULL, NULL};
	int result;

	g_test_init(&argc, &argv, NULL);
	folder = g_dir_make_tmp("imgvet-magic-XXXXXX", NULL);
	g_test_add_func("/magic/tools", test_tools);
	g_test_add_func("/magic/pieces", test_pieces);
	g_test_add_func("/magic/random", test_random);
	g_test_add_func("/magic/names", test_names);
	g_test_add_func("/magic/tail", test_tail);
	result = g_test_run();
	clean[2] = folder;
	g_spawn_sync(NULL, (char **)clean, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
	g_free(folder);
	return result;
}
